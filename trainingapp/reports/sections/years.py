"""Several years: editions side by side, and questions that were asked again and again."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from trainingapp.archives.models import Archive
from trainingapp.feedback.promises.queries import KINDS_OF_CONSENT
from trainingapp.feedback.results.chart_kinds import kind_of
from trainingapp.feedback.years import comparing
from trainingapp.feedback.years import queries as over_years
from trainingapp.feedback.years.comparing import By, Pool
from trainingapp.feedback.years.differences import Difference
from trainingapp.feedback.years.queries import Asking
from trainingapp.impact.scope import Scope
from trainingapp.reports import counts
from trainingapp.reports.pieces import (
    Cell,
    Piece,
    cell,
    facts,
    note,
    nothing,
    number,
    of,
    share,
    signed,
    table,
    written,
)
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.reports.sections.edition import from_countries, when
from trainingapp.statistics import TOO_FEW_FOR_PERCENT
from trainingapp.surveys import quoting
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in

TWO = 2  # the fewest editions that can be compared, and the answers of a question that is yes or no


def none_yet() -> str:
    return _(
        "No edition of these years had begun by that day with five people or more. Choose other years, or a "
        "later day."
    )


@register
class InShort(Section):
    key = "years_short"
    title = _l("The years in short")
    hint = _l(
        "Two or three sentences for whoever reads only these: what the programme reached over the years."
    )

    def tell(self, about: About) -> Told:
        figures = about.figures
        if not figures.editions:
            return Told(missing=none_yet())
        editions = ngettext("%(num)d edition", "%(num)d editions", len(figures.editions))
        people = from_countries(len(figures.countries))
        shown = facts(
            (_("Editions"), cell(written(len(figures.editions)), _span(about))),
            (_("People who took part"), cell(written(figures.reached), people)),
            (_("Completed the course"), share(figures.completion)),
            (_("From least developed countries"), share(figures.from_ldcs)),
            (_("Plans finished, of those sent"), share(figures.finished)),
        )
        sentence = _(
            "%(editions)s (%(years)s) brought together %(people)s people %(from_countries)s.",
            editions=editions,
            years=_span(about),
            people=written(figures.reached),
            from_countries=people,
        )
        return Told([shown, note(_("Who came to two editions counts in both."))], [sentence])


def _span(about: About) -> str:
    years = [one.year for one in about.figures.editions]
    return f"{min(years)}\N{EN DASH}{max(years)}" if min(years) != max(years) else str(min(years))


@register
class Editions(Section):
    key = "editions"
    title = _l("Edition by edition")
    hint = _l("Say how the editions differed, in what they were as well as in what came of them.")

    def tell(self, about: About) -> Told:
        every = about.figures.editions[::-1]
        if not every:
            return Told(missing=none_yet())
        heads = [
            _("Edition"),
            (_("People"),),
            (_("Countries"),),
            _("From least developed countries"),
            _("Completed"),
        ]
        rows = [
            [
                cell(one.year, one.name),
                number(one.reached),
                number(len(one.people)),
                share(one.from_ldcs),
                share(one.completion),
            ]
            for one in every
        ]
        pieces = [table(_("Who came, and who completed"), heads, rows)]
        if months := sorted({month for one in every for month in one.responses}):
            answers = [
                [cell(one.year, one.name), *(_answered(one.responses.get(month)) for month in months)]
                for one in every
            ]
            asked = [_("Edition"), *(_("Answered %(when)s", when=when(month)) for month in months)]
            pieces.append(table(_("Who answered, of those asked"), asked, answers))
        overlap = note(_("Where ranges overlap, the difference between editions may be chance."))
        return Told([*pieces, overlap])


def _answered(one: object) -> Cell:
    return cell(_("not asked")) if one is None else share(one)  # type: ignore[arg-type]


@register
class Themes(Section):
    key = "themes"
    title = _l("Theme by theme")
    hint = _l("Say which themes led to plans that were carried out, and why that may be.")

    def tell(self, about: About) -> Told:
        themes = about.figures.themes
        if not themes:
            return Told(missing=none_yet())
        heads = [_("Theme"), (_("People"),), _("Plans finished, of those sent")]
        rows = [
            [cell(one.title, str(one.year)), number(one.reached), share(one.finished)]
            for one in reversed(themes)
        ]
        return Told(
            [
                table(_("People and finished plans of each theme"), heads, rows),
                note(_("Where ranges overlap, no theme is clearly ahead.")),
            ]
        )


@register
class Trends(Section):
    key = "trends"
    title = _l("The same questions over the years")
    hint = _l("Say what moved and what did not, and where a change of words may be the reason.")

    def tell(self, about: About) -> Told:
        pieces: list[Piece] = []
        for key in over_years.keys(about.programme):
            if key.kind not in KINDS_OF_CONSENT:
                pieces += _trend(key.key, about)
        if not pieces:
            return Told(
                missing=_(
                    "No question was asked in two editions of these years, or too few people answered it."
                )
            )
        return Told([*pieces, note(_("Of twenty such comparisons one looks real by chance."))])


def _trend(key: str, about: About) -> list[Piece]:
    askings = [one for one in over_years.askings(about.programme, key) if _counts(one, about.scope)]
    if len({one.cohort.id for one in askings if one.cohort}) < TWO:
        return []
    question = askings[-1].question
    has_means = any(one.numbers for one in askings)
    kind, asked = QUESTION_TYPES[question.kind], Asked(about.language)
    options = kind.options(question, asked)
    has_rows = kind_of(question).has_items or bool(kind.items(question, asked))
    if has_rows or (not has_means and len(options) != TWO):
        return []  # of several rows or many answers none stands for the question
    value = "" if has_means else options[0].value
    head = _("Mean") if has_means else _("Answered “%(answer)s”", answer=options[0].text)
    rows = [_row(one, value, about.language, has_means=has_means) for one in askings]
    title = quoting.quoted(text_in(question.wording, about.language), {})
    shown = table(title, [_("When"), (_("People"),), head, _("Words")], rows)
    compared = _difference(askings, value, has_means=has_means)
    return [shown, *([note(compared)] if compared else [])]


def _counts(one: Asking, scope: Scope) -> bool:
    """Of an edition of these years, closed by the day, of five people or more."""
    cohort = one.cohort
    if cohort is None or one.is_hidden or not _is_of(cohort.theme.year, scope):
        return False
    if isinstance(one.of, Archive):
        return scope.until is not None and one.of.brought_in_at < scope.until
    return counts.is_over(one.of, scope)


def _is_of(year: int, scope: Scope) -> bool:
    return (scope.first_year or year) <= year <= (scope.last_year or year)


def _row(one: Asking, value: str, language: str, *, has_means: bool) -> list[Cell]:
    asked = one.source or (when(one.of.offset_months) if not isinstance(one.of, Archive) else "")
    name = f"{one.cohort.theme.year} {one.cohort.name}" if one.cohort else ""
    changed = one.changed_from
    before = quoting.quoted(text_in(changed.wording, language), {}) if changed else ""
    words = cell(_("changed"), _("before: “%(before)s”", before=before)) if changed else cell(_("as before"))
    return [cell(name, asked), number(one.people), _mean(one) if has_means else of(*one.said(value)), words]


def _mean(one: Asking) -> Cell:
    found = one.mean
    if found is None:
        return nothing()
    low, high = written(round(found.low, 1)), written(round(found.high, 1))
    return cell(written(round(found.mean, 1)), _("likely range %(low)s to %(high)s", low=low, high=high))


def _difference(askings: Sequence[Asking], value: str, *, has_means: bool) -> str:
    """Between the first and the last time that it was asked so many months after an edition."""
    alike = [one for one in askings if _asked_after(one) == _asked_after(askings[-1])]
    pools: list[Pool] = comparing.pools(alike, By.ASKING)
    if len(pools) < TWO:
        return ""
    found = comparing.compare(pools[0], pools[-1], value, has_means=has_means)
    if found is None or found.difference is None:
        return _("They were asked on different scales, so they cannot be compared.")
    gap = found.difference
    if has_means:
        size, low, high = (signed(round(one, 1)) for one in (gap.size, gap.low, gap.high))
        told = _(
            "From first to last %(size)s, likely range %(low)s to %(high)s.", size=size, low=low, high=high
        )
    elif min(found.first.people, found.second.people) < TOO_FEW_FOR_PERCENT:
        told = _("Too few people for a difference in points.")
    else:
        size, low, high = (signed(round(100 * one)) for one in (gap.size, gap.low, gap.high))
        told = _(
            "From first to last %(size)s points, likely range %(low)s to %(high)s.",
            size=size,
            low=low,
            high=high,
        )
    chance = _chance(gap)
    changed = (
        _("The words changed between them, which alone may make a difference.") if found.has_changed else ""
    )
    return " ".join(filter(None, [told, chance, changed]))


def _chance(gap: Difference) -> str:
    if gap.may_be_chance:
        return _("The difference can be chance.")
    return ngettext(
        "Chance alone would bring a difference as large about once in %(num)d time.",
        "Chance alone would bring a difference as large about once in %(num)d times.",
        gap.once_in,
    )


def _asked_after(one: Asking) -> int | None:
    return None if isinstance(one.of, Archive) else one.of.offset_months
