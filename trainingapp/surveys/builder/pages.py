"""The page of the builder: the list, the question that is open, its preview, its translations."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from trainingapp.labels import choices
from trainingapp.numbers import whole
from trainingapp.refusals import Refusal
from trainingapp.surveys import queries, texts
from trainingapp.surveys.bank import queries as bank_queries
from trainingapp.surveys.blueprint import language_name
from trainingapp.surveys.builder import forms
from trainingapp.surveys.models import Anonymity, Level, Question, SurveySection, SurveyVersion
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.versions import actions as versions
from trainingapp.surveys.versions import checks
from trainingapp.surveys.wording import text_in

IN_ONE_LANGUAGE = ("wording", "hint", "constraint_text")


def question_form(question: Question, version: SurveyVersion) -> forms.QuestionForm:
    language = version.languages[0]
    stored = {name: getattr(question, name).get(language, "") for name in IN_ONE_LANGUAGE}
    kept = {name: getattr(question, name) for name in versions.COPIED}
    form = forms.QuestionForm(data={**kept, **stored, "section": question.section_id or ""})
    form.level.choices = [SelectChoice(value, text) for value, text in choices(Level)]
    sections = queries.all_sections_of(version)
    form.section.choices = [
        SelectChoice("", _("None")),
        *(SelectChoice(str(one.id), text_in(one.title, language) or one.key) for one in sections),
    ]
    return form


def settings_form(version: SurveyVersion) -> forms.SettingsForm:
    form = forms.SettingsForm(
        data={
            "title": version.survey.title,
            "anonymity": version.anonymity.value,
            "asks_progress": version.asks_progress,
            "languages": " ".join(version.languages),
        }
    )
    meaning = {
        Anonymity.NAMED: _("Named: the programme team sees who answered what."),
        Anonymity.CONFIDENTIAL: _(
            "Confidential: only coordinators can see who answered; reports never say it."
        ),
        Anonymity.ANONYMOUS: _("Anonymous: nobody can ever find out, not even from the database."),
    }
    form.anonymity.choices = [SelectChoice(one.value, text) for one, text in meaning.items()]
    return form


def other_language(version: SurveyVersion) -> str:
    others = version.languages[1:] or version.languages
    asked = request.args.get("into", "")
    return asked if asked in version.languages else others[0]


def page(
    version: SurveyVersion,
    problem: str = "",
    refusal: Refusal | None = None,
    editing: int | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    questions, sections = list(queries.questions_of(version)), list(queries.all_sections_of(version))
    shown_id = editing or request.args.get("q", 0, whole)
    question = next((one for one in questions if one.id == shown_id), questions[0] if questions else None)
    found = texts.of_all(questions, sections)
    form = question_form(question, version) if question else None
    if form and refusal and editing:
        form.refuse(refusal)
    language = other_language(version)
    page = render_template(
        "surveys/build.html",
        version=version,
        questions=questions,
        section_of=_sections_in_list(questions, sections, version.languages[0]),
        question=question,
        form=form,
        typed=request.form if editing else {},
        kinds=QUESTION_TYPES,
        problems=checks.problems(questions, sections),
        problem=problem,
        settings_form=settings_form(version),
        bank=bank_queries.offered(version.survey.programme_id, [one.key for one in questions]),
        condition_form=forms.ConditionForm(formdata=None),
        before=_answers_before(question, questions, version.languages[0]) if question else [],
        texts=list(texts.of_question(question)) if question else [],
        missing=texts.missing(found, version.languages[1:]),
        minutes=queries.minutes(questions, queries.USUAL_ACTIVITIES if version.asks_progress else 0),
        too_many=sum(QUESTION_TYPES[one.kind].takes_answer for one in questions) > checks.MOST_FOR_A_WAVE,
        first=version.languages[0],
        into=language,
        language_name=language_name,
        text_in=text_in,
    )
    return page, status


def _sections_in_list(
    questions: list[Question], sections: list[SurveySection], language: str
) -> dict[int, str]:
    """Question id -> the title of the section that begins with it."""
    titles = {section.id: text_in(section.title, language) or section.key for section in sections}
    found, before = {}, None
    for question in questions:
        if question.section_id != before:
            found[question.id] = titles.get(question.section_id or 0, "")
        before = question.section_id
    return found


def _answers_before(
    question: Question, questions: list[Question], language: str
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Key, wording and options of the questions that this one may depend on."""
    found = []
    for other in questions[: questions.index(question)]:
        kind = QUESTION_TYPES[other.kind]
        if kind.takes_answer or kind.computes:
            options = [(one.value, one.text) for one in kind.options(other, Asked(language))]
            found.append((other.key, text_in(other.wording, language), options))
    return found
