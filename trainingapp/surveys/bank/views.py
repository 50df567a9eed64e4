"""URL to action to page: the question bank."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from trainingapp import clock, paging
from trainingapp.db import db
from trainingapp.labels import label
from trainingapp.numbers import whole
from trainingapp.programmes.roles import Permission, can, needs, on, require
from trainingapp.refusals import Refusal
from trainingapp.surveys.bank import actions, forms, queries
from trainingapp.surveys.bank.models import BankQuestion
from trainingapp.surveys.blueprint import RUN, SEE, bp, language_name
from trainingapp.surveys.models import Level
from trainingapp.surveys.question_types import QUESTION_TYPES, OptionsUnfit
from trainingapp.surveys.question_types.settings import NOTHING
from trainingapp.surveys.wording import text_in
from trainingapp.table_views import Table, table_file

SEARCHED = 100  # characters of a search


@bp.get("/bank")
@needs(SEE)
def question_bank() -> ResponseReturnValue:
    number = max(1, request.args.get("page", 1, type=whole))
    wanted = _wanted()
    rows, has_more = queries.entries(on(BankQuestion.programme_id, SEE), wanted, number)
    return render_template(
        "surveys/bank.html",
        rows=rows,
        has_more=has_more,
        number=number,
        wanted=wanted,
        kinds=QUESTION_TYPES,
        levels=list(Level),
    )


def _wanted() -> queries.Wanted:
    level, kind = request.args.get("level", ""), request.args.get("kind", "")
    return queries.Wanted(
        text=request.args.get("q", "").strip()[:SEARCHED],
        level=Level(level) if level in set(Level) else None,
        kind=kind if kind in QUESTION_TYPES else "",
        with_retired="retired" in request.args,
    )


@table_file(bp, "/bank", needs(SEE))
def bank_file() -> Table:
    wanted, allowed = _wanted(), on(BankQuestion.programme_id, SEE)
    headings = [_("Question"), _("Key"), _("Kind"), _("Level"), _("Wordings"), _("Used in"), _("Retired on")]
    rows = [
        (
            *(text_in(row.words.wording, str(get_locale() or "en")), row.question.key),
            *(str(QUESTION_TYPES[row.question.kind].title), label(row.question.level), row.words.number),
            *(row.uses, row.question.retired_at.date() if row.question.retired_at else None),
        )
        for row in paging.numbered(lambda number: queries.entries(allowed, wanted, number))
    ]
    return Table(_("Question bank"), headings, rows)


@bp.get("/bank/<int:entry_id>")
@needs(SEE)
def bank_question(entry_id: int) -> ResponseReturnValue:
    return _page(_entry(entry_id, SEE))


@bp.post("/bank/<int:entry_id>/words")
@needs(RUN)
def reword(entry_id: int) -> ResponseReturnValue:
    """In one language at a time; those of the others stay."""
    entry, form = _entry(entry_id, RUN), forms.RewordForm()
    if not form.validate():
        return _page(entry, form)
    language = request.form.get("language", "en")
    before = actions.latest_of(entry) or abort(404)
    options = dict(before.options)
    try:
        for setting in QUESTION_TYPES[entry.kind].settings:
            value = setting.read(request.form, before.options, language)
            options.pop(setting.name, None)
            options |= {} if value is NOTHING else {setting.name: value}
        actions.reword(
            entry,
            wording={**before.wording, language: form.wording.data},
            hint={tag: words for tag, words in {**before.hint, language: form.hint.data}.items() if words},
            options=options,
            why=form.why.data,
            by=current_user,
            now=clock.now(),
        )
        db.session.commit()
    except (Refusal, OptionsUnfit) as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(_entry(entry_id, RUN), form)
    flash(_("The new words are noted. Questionnaires that are published keep theirs."), "ok")
    return redirect(url_for(".bank_question", entry_id=entry_id), 303)


@bp.post("/bank/<int:entry_id>/retire")
@needs(RUN)
def retire(entry_id: int) -> ResponseReturnValue:
    """Or bring it back."""
    entry = _entry(entry_id, RUN)
    if entry.retired_at:
        actions.bring_back(entry)
    else:
        actions.retire(entry, clock.now())
    db.session.commit()
    return redirect(url_for(".bank_question", entry_id=entry_id), 303)


def _entry(entry_id: int, permission: Permission) -> BankQuestion:
    found = queries.entry(entry_id) or abort(404)
    require(permission, found.programme_id)
    return found


def _page(entry: BankQuestion, form: forms.RewordForm | None = None) -> ResponseReturnValue:
    history = queries.history(entry)
    latest = history[0]
    asked = request.values.get("language", "")
    language = asked if asked in latest.wording else next(iter(latest.wording), "en")
    form = form or forms.RewordForm(
        formdata=None,
        data={"wording": latest.wording.get(language, ""), "hint": latest.hint.get(language, "")},
    )
    page = render_template(
        "surveys/bank_question.html",
        entry=entry,
        history=history,
        latest=latest,
        changes=[(one, before) for one, before in zip(history, [*history[1:], None], strict=True)],
        used=queries.used_in(entry),
        kind=QUESTION_TYPES[entry.kind],
        language=language,
        form=form,
        may_change=can(RUN, entry.programme_id),
        language_name=language_name,
    )
    return page, form.status
