"""In people's own words, and what was promised about what they said."""

from collections import Counter

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from trainingapp.dates import day
from trainingapp.feedback.comments import languages
from trainingapp.feedback.comments.queries import Comment
from trainingapp.feedback.promises.models import Promise, PromiseState
from trainingapp.impact.scope import Scope
from trainingapp.labels import label
from trainingapp.reports import counts, quotable
from trainingapp.reports.pieces import Cell, Piece, cell, note, number, quote, quotes, table
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.reports.sections.edition import when
from trainingapp.surveys.wording import text_in


@register
class Quotes(Section):
    key = "quotes"
    title = _l("In their own words")
    hint = _l("Say why these: which of them speak for many, and which stand alone.")
    picks_quotes = True

    def tell(self, about: About) -> Told:
        chosen = quotable.these(about.scope, about.quoted)
        if not chosen:
            return Told(
                missing=_("No comment is chosen. Choose some that speak for many, and some that do not.")
            )
        rule = _(
            "Chosen by the writers of this report among comments that may be told, without names. They show "
            "what was said, not how many said it."
        )
        return Told([quotes([_quoted(one, about) for one in chosen]), note(rule)])


def _quoted(one: Comment, about: About) -> Piece:
    text = one.answer.text or ""
    review = one.review
    source = one.archive.source if one.archive else when(one.wave.offset_months) if one.wave else ""
    year = str(one.theme.year) if one.theme and about.cohort is None else ""
    return quote(
        text,
        (languages.language_of(text) or "").replace("_", "-"),
        review.translation if review else "",
        " · ".join(filter(None, [year, source])),
    )


@register
class Promises(Section):
    key = "promises"
    title = _l("You said, we did")
    hint = _l("Say which promise mattered most, and what stands in the way of those that are open.")

    def tell(self, about: About) -> Told:
        found = counts.promises(about.told)
        if not found:
            return Told(
                missing=_(
                    "Nothing was promised by that day. Answer a comment or a theme under Feedback, and show "
                    "it."
                )
            )
        states = Counter(_state(one, about.scope) for one in found)
        kept = ngettext(
            "%(num)d of %(all)s promises is kept.",
            "%(num)d of %(all)s promises are kept.",
            states[PromiseState.KEPT],
            all=len(found),
        )
        rows = [_row(one, about) for one in found]
        shown = table(
            _("What people said and what came of it"), [_("You said"), _("We did"), _("State")], rows
        )
        return Told([shown], [kept])


def _state(one: Promise, scope: Scope) -> PromiseState:
    is_settled = one.settled_at is not None and scope.until is not None and one.settled_at < scope.until
    return one.state if is_settled else PromiseState.PROMISED


def _row(one: Promise, about: About) -> list[Cell]:
    state = _state(one, about.scope)
    due = _("by %(day)s", day=day(one.due_on)) if state is PromiseState.PROMISED and one.due_on else ""
    why = one.reason if state is PromiseState.DROPPED else ""
    year = "" if about.cohort else str(one.cohort.theme.year)
    return [
        cell(text_in(one.said, about.language), year),
        cell(text_in(one.did, about.language), why),
        cell(label(state), due),
    ]


@register
class PromisesByEdition(Section):
    key = "promises_by_edition"
    title = _l("Promises, edition by edition")
    hint = _l("Say what the programme learned, and what it still owes.")

    def tell(self, about: About) -> Told:
        found = counts.promises(about.told)
        if not found:
            return Told(
                missing=_("Nothing was promised in these years, or nothing was shown to those who asked.")
            )
        states: dict[tuple[int, str], Counter[PromiseState]] = {}
        for one in found:
            place = one.cohort.theme.year, one.cohort.name
            states.setdefault(place, Counter())[_state(one, about.scope)] += 1
        rows = [
            [cell(year, name), *(number(of_state[state]) for state in PromiseState)]
            for (year, name), of_state in states.items()
        ]
        heads = [_("Edition"), *((label(state),) for state in PromiseState)]
        return Told([table(_("Promises by how they stood that day"), heads, rows)])
