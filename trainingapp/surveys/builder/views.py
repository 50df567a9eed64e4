"""URL to action to page: the builder. Every change is one POST, saved at once, with or without a script."""

import re
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from wtforms import SelectChoice

from trainingapp import clock
from trainingapp.db import db
from trainingapp.numbers import whole
from trainingapp.programmes.models import Programme
from trainingapp.programmes.roles import needs, on, require
from trainingapp.refusals import Refusal, Stale
from trainingapp.surveys import queries, texts
from trainingapp.surveys.bank import queries as bank_queries
from trainingapp.surveys.blueprint import LANGUAGE_NAMES, RUN, bp, language_name
from trainingapp.surveys.builder import actions, forms, pages
from trainingapp.surveys.models import Anonymity, Level, Question, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES, OptionsUnfit
from trainingapp.surveys.versions import actions as versions

_TAG = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{2,8})*")


@bp.route("/new", methods=["GET", "POST"])
@needs(RUN)
def new() -> ResponseReturnValue:
    form = forms.NewSurveyForm()
    programmes = db.session.scalars(
        sa.select(Programme).where(on(Programme.id, RUN)).order_by(Programme.name)
    )
    form.programme.choices = [SelectChoice(one.id, one.short_name) for one in programmes]
    form.language.choices = [SelectChoice(tag, name) for tag, name in LANGUAGE_NAMES.items()]
    if form.validate_on_submit():
        programme = db.session.get_one(Programme, form.programme.data)
        try:
            languages, audience = [form.language.data], form.audience.data
            version = versions.begin(programme, form.key.data, form.title.data, languages, audience)
            db.session.commit()
            return redirect(url_for(".build", version_id=version.id), 303)
        except versions.KeyTaken as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("surveys/new.html", form=form), form.status


@bp.post("/versions/<int:version_id>/new")
@needs(RUN)
def new_version(version_id: int) -> ResponseReturnValue:
    try:
        made = versions.new_version(_version(version_id))
        db.session.commit()
    except versions.DraftThere as there:
        db.session.rollback()
        flash(str(there))
        made = there.version
    return redirect(url_for(".build", version_id=made.id), 303)


@bp.get("/versions/<int:version_id>/build")
@needs(RUN)
def build(version_id: int) -> ResponseReturnValue:
    version = _version(version_id)
    if version.published_at:
        return redirect(url_for(".version", version_id=version.id))
    return pages.page(version)


@bp.post("/versions/<int:version_id>/questions")
@needs(RUN)
def add(version_id: int) -> ResponseReturnValue:
    """A new question of a kind ("kind:scale"), or one from the bank ("bank:12")."""
    source, _colon, name = request.form.get("what", "").partition(":")

    def act(version: SurveyVersion) -> Question:
        if source == "kind" and name in QUESTION_TYPES:
            return actions.add(version, name, {version.languages[0]: str(QUESTION_TYPES[name].title)})
        entry = bank_queries.entry(_number(name)) if source == "bank" else None
        if entry is None or entry.programme_id != version.survey.programme_id:
            raise Refusal(_("Choose what to add."))
        return actions.add_from_bank(version, entry)

    return _changed(version_id, act, then="wording")


@bp.post("/versions/<int:version_id>/questions/<int:question_id>/move")
@needs(RUN)
def move(version_id: int, question_id: int) -> ResponseReturnValue:
    """Up or down by one, or to a place from 0."""

    def act(version: SurveyVersion) -> Question:
        questions = list(queries.questions_of(version))
        question = _one_of(questions, question_id)
        at = questions.index(question)
        to = {"up": at - 1, "down": at + 1}.get(request.form.get("to", ""))
        actions.move(question, request.form.get("to", at, whole) if to is None else to, questions)
        return question

    pressed = request.form.get("to", "")
    return _changed(version_id, act, then=f"{pressed}-{question_id}" if pressed in {"up", "down"} else "edit")


@bp.post("/versions/<int:version_id>/questions/<int:question_id>")
@needs(RUN)
def change(version_id: int, question_id: int) -> ResponseReturnValue:
    """Saves the question as typed; `do` may also remove it, or rearrange one of its lists."""

    def act(version: SurveyVersion) -> Question | None:
        questions = list(queries.questions_of(version))
        question = _one_of(questions, question_id)
        if request.form.get("do") == "remove":
            actions.remove(question, questions)
            return None
        _save(question, questions, version)
        return question

    pressed = request.form.get("do", "")
    return _changed(version_id, act, question_id, pressed if pressed.startswith(("up-", "down-")) else "edit")


@bp.post("/versions/<int:version_id>/sections")
@needs(RUN)
def add_section(version_id: int) -> ResponseReturnValue:
    def act(version: SurveyVersion) -> None:
        title = request.form.get("title", "").strip()
        if not title:
            raise Refusal(_("Write the title of the section."))
        actions.add_section(version, title[:200], version.languages[0])

    return _changed(version_id, act)


@bp.post("/versions/<int:version_id>/settings")
@needs(RUN)
def settings(version_id: int) -> ResponseReturnValue:
    def act(version: SurveyVersion) -> None:
        form = pages.settings_form(version)
        if not form.validate():
            raise Refusal(form.problems[0][1])
        tags = list(dict.fromkeys(map(_tag, form.languages.data.replace(",", " ").split())))
        odd = next((tag for tag in tags if not _TAG.fullmatch(tag)), None)
        if odd:
            raise Refusal(_("“%(tag)s” is no tag of a language. Write en, id, fr or fa_AF.", tag=odd))
        versions.set_anonymity(version, Anonymity(form.anonymity.data))
        version.survey.title = form.title.data
        version.languages, version.asks_progress = tags, form.asks_progress.data

    return _changed(version_id, act)


@bp.post("/versions/<int:version_id>/texts")
@needs(RUN)
def translate(version_id: int) -> ResponseReturnValue:
    """The texts of one language, of one question or of all."""
    language = request.form.get("language", "")

    def act(version: SurveyVersion) -> None:
        if language not in version.languages:
            raise Refusal(_("This questionnaire is not written in that language."))
        typed = {name[2:]: words for name, words in request.form.items() if name.startswith("t-")}
        texts.write(queries.questions_of(version), queries.all_sections_of(version), language, typed)

    return _changed(version_id, act)


@bp.post("/versions/<int:version_id>/publish")
@needs(RUN)
def publish(version_id: int) -> ResponseReturnValue:
    version = _version(version_id)
    try:
        actions.open_for_change(version, request.form.get("seen", 0, whole))
        versions.publish(version, current_user, clock.now())
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        return pages.page(_version(version_id), str(refusal), status=_status(refusal))
    flash(
        _("Version %(number)s is published. It can be used from the next wave on.", number=version.number),
        "ok",
    )
    return redirect(url_for(".version", version_id=version.id), 303)


@bp.post("/versions/<int:version_id>/discard")
@needs(RUN)
def discard(version_id: int) -> ResponseReturnValue:
    versions.discard(_version(version_id))
    db.session.commit()
    flash(_("The draft was discarded."))
    return redirect(url_for(".index"), 303)


@bp.get("/versions/<int:version_id>/translate")
@needs(RUN)
def translations(version_id: int) -> ResponseReturnValue:
    """All texts beside those of one other language, row by row."""
    version = _version(version_id)
    questions = queries.questions_of(version)
    found = texts.of_all(questions, queries.all_sections_of(version))
    language = pages.other_language(version)
    return render_template(
        "surveys/translate.html",
        version=version,
        texts=found,
        language=language,
        missing=texts.missing(found, version.languages),
        only_missing="missing" in request.args,
        language_name=language_name,
    )


def _version(version_id: int) -> SurveyVersion:
    found = queries.version_with_survey(version_id) or abort(404)
    require(RUN, found.survey.programme_id)
    return found


def _changed(
    version_id: int,
    act: Callable[[SurveyVersion], Question | None],
    editing: int | None = None,
    then: str = "edit",
) -> ResponseReturnValue:
    """One change of a draft: done whole, or refused on the page with everything still typed there.

    `then` is the id of what has the focus afterwards: keys go on where they were.
    """
    version = _version(version_id)
    try:
        actions.open_for_change(version, request.form.get("seen", 0, whole))
        question = act(version)
        actions.touch(version)
        db.session.commit()
    except Refusal as refusal:
        db.session.rollback()
        return pages.page(_version(version_id), str(refusal), refusal, editing, _status(refusal))
    back = request.form.get("back")
    if back == "translate":
        language = request.form.get("language")
        return redirect(url_for(".translations", version_id=version_id, into=language), 303)
    number = question.id if question else None
    return redirect(
        url_for(
            ".build",
            version_id=version_id,
            q=number,
            into=request.args.get("into"),
            _anchor=then if number else None,
        ),
        303,
    )


def _tag(word: str) -> str:
    """As texts are kept: who writes fa-AF or ID means fa_AF and id."""
    plain = word.replace("-", "_")
    return next((tag for tag in LANGUAGE_NAMES if tag.casefold() == plain.casefold()), plain)


def _status(refusal: Refusal) -> int:
    return 409 if isinstance(refusal, Stale | versions.Frozen) else 422


def _number(text: str) -> int:
    """0 for what can be nobody's number."""
    try:
        return whole(text)
    except ValueError:
        return 0


def _one_of(questions: list[Question], question_id: int) -> Question:
    return next((question for question in questions if question.id == question_id), None) or abort(404)


def _save(question: Question, questions: list[Question], version: SurveyVersion) -> None:
    form = pages.question_form(question, version)
    if not form.validate():
        field, sentence = form.problems[0]
        raise Refusal(sentence, field)
    language = version.languages[0]
    try:
        options = actions.set_options(question, request.form, language)
    except OptionsUnfit as refusal:
        raise Refusal(str(refusal), f"o-{refusal.field}") from refusal
    verb, _dash, place = request.form.get("do", "").partition("-")
    name, _dash, value = place.partition("-")
    for setting in QUESTION_TYPES[question.kind].settings:
        if setting.name == name and name in options and verb in {"up", "down", "out"}:
            options[name] = setting.rearranged(options[name], verb, value)
    relevant = form.relevant.data
    if verb == "condition":
        relevant = " and ".join(part for part in (relevant, forms.condition(request.form)) if part)
    facts: dict[str, Any] = {
        name: _with(getattr(question, name), language, form[name].data) for name in pages.IN_ONE_LANGUAGE
    }
    facts |= {
        name: form[name].data
        for name in ("key", "is_required", "constraint", "required_if", "choice_filter", "calculation")
    }
    facts |= {"options": options, "level": Level(form.level.data), "relevant": relevant}
    facts["section_id"] = int(form.section.data) if form.section.data else None
    actions.change(question, facts, questions)


def _with(mapping: dict[str, Any], language: str, text: str) -> dict[str, Any]:
    return {tag: words for tag, words in {**mapping, language: text}.items() if words}
