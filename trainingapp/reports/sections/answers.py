"""What people answered: at the end, after months, and who did not."""

from collections.abc import Iterable, Sequence

from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import EnrolmentKind
from trainingapp.feedback.promises.queries import KINDS_OF_CONSENT
from trainingapp.feedback.results import charts, queries, response_rates
from trainingapp.feedback.results.grouping import Group
from trainingapp.followups import outcomes
from trainingapp.followups.models import Wave
from trainingapp.impact.figures import Share
from trainingapp.impact.scope import Scope
from trainingapp.labels import label
from trainingapp.participants.models import Sex
from trainingapp.reports import counts
from trainingapp.reports.pieces import (
    Piece,
    cell,
    heading,
    note,
    nothing,
    number,
    of,
    table,
    written,
)
from trainingapp.reports.sections import charting
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.reports.sections.edition import when
from trainingapp.statistics import SMALLEST_GROUP
from trainingapp.surveys import queries as surveys
from trainingapp.surveys.models import Anonymity

_NAMES = {
    "country": countries.name_of,
    "sex": lambda name: label(Sex(name)),
    "kind": lambda name: label(EnrolmentKind(name)),
}


@register
class Said(Section):
    key = "said"
    title = _l("What they said at the end")
    hint = _l("Say what stands out, and what you make of it. Few people: keep to what the ranges allow.")

    def tell(self, about: About) -> Told:
        every = counts.waves(about.scope)
        waves = [wave for wave in every if not wave.offset_months]
        is_last = _last_told(every, about.scope) in waves
        pieces = [piece for wave in waves for piece in of_wave(wave, about, with_groups=is_last)]
        for archive in counts.archives(about.scope):
            drawn = _released(archive, about.language)
            if drawn:
                source = _("Gathered elsewhere: %(source)s", source=archive.source)
                pieces += [heading(source), *charting.pieces(drawn)]
        if not pieces:
            return Told(
                missing=_(
                    "Nobody was asked at the end. Plan a wave for the last day, or bring in old answers."
                )
            )
        over = [wave for wave in waves if counts.is_over(wave, about.scope)]
        return Told(pieces, _sentences(over, about))


@register
class Changed(Section):
    key = "changed"
    title = _l("What changed afterwards")
    hint = _l("Tell what people did with it, month by month, and what stood in the way.")

    def tell(self, about: About) -> Told:
        waves = [wave for wave in counts.waves(about.scope) if wave.offset_months]
        if not waves:
            return Told(
                missing=_("No wave had begun by that day. Begin the follow-up, or choose a later day.")
            )
        last = _last_told(waves, about.scope)
        whole = waves[waves.index(last) :] if last else waves
        pieces = [piece for wave in whole for piece in of_wave(wave, about)]
        over = [wave for wave in waves if counts.is_over(wave, about.scope)]
        if last:
            pieces += charting.over_time([_asked(wave, about) for wave in over[: over.index(last) + 1]])
        return Told(pieces, _sentences(over, about))


def _last_told(waves: Sequence[Wave], scope: Scope) -> Wave | None:
    """The only one that is told in full: a report with every answer of every wave is not read."""
    return next((one for one in reversed(waves) if counts.is_over(one, scope) and _is_told(one)), None)


def of_wave(wave: Wave, about: About, *, with_groups: bool = True) -> list[Piece]:
    """Of one that had closed by the day; an open one is named, and waits."""
    title = heading(_asked_when(wave))
    if not counts.is_over(wave, about.scope):
        text = _("It was still open on that day: its results are told once it has closed.")
        return [title, note(text)]
    drawn = _released(wave, about.language)
    if not drawn:
        return [title, note(_("Fewer than five people answered, so nothing is told of it."))]
    groups = _by_groups(wave, drawn) if with_groups else []
    return [title, *charting.pieces(drawn), *groups]


def _asked(wave: Wave, about: About) -> tuple[str, list[charts.Chart]]:
    return _asked_when(wave), _released(wave, about.language)


def _asked_when(wave: Wave) -> str:
    return _("Asked %(when)s", when=when(wave.offset_months))


def _released(of_: queries.Gathered, language: str) -> list[charts.Chart]:
    """Nothing below five people, whatever was promised: a report may be published. What people agreed to is
    about their answers, and no result.
    """
    if not _is_told(of_):
        return []
    every = surveys.questions_of(of_.survey_version)
    asked = [question for question in every if question.kind not in KINDS_OF_CONSENT]
    return [chart for chart in charts.of_gathered(of_, asked, language) if chart.people]


def _is_told(of_: queries.Gathered) -> bool:
    answered = queries.answered(of_)
    return answered >= SMALLEST_GROUP and queries.is_released(of_, answered)


def _by_groups(wave: Wave, drawn: Sequence[charts.Chart]) -> Iterable[Piece]:
    if wave.survey_version.anonymity == Anonymity.ANONYMOUS:
        return
    groups = charts.Groups.of(wave, surveys.questions_of(wave.survey_version))
    for dimension in groups.dimensions:
        named = _NAMES[dimension]

        def name(group: Group, named: charting.Named = named) -> str:
            return str(format_list([named(one) for one in group], locale=get_locale() or "en"))

        yield from charting.by_group(groups, drawn, dimension, name)


def _sentences(over: Iterable[Wave], about: About) -> list[str]:
    """Of waves in which five people or more were asked."""
    return [
        _(
            "%(k)s of the %(n)s people asked answered %(when)s.",
            k=written(one.k),
            n=written(one.n),
            when=when(wave.offset_months),
        )
        for wave in over
        if (one := _answers(about, wave)).n
    ]


def _answers(about: About, wave: Wave) -> Share:
    cohort_id = wave.schedule.cohort_id
    found = next((one for one in about.figures.editions if one.cohort_id == cohort_id), None)
    return found.responses.get(wave.offset_months, Share(0, 0)) if found else Share(0, 0)


@register
class Silent(Section):
    key = "silent"
    title = _l("Who did not answer")
    hint = _l("Say what may have kept them, and what it means for the figures above.")

    def tell(self, about: About) -> Told:
        waves = [wave for wave in counts.waves(about.told) if counts.is_over(wave, about.scope)]
        if not waves:
            return Told(missing=_("No wave had closed by that day, so nobody can be called silent yet."))
        came = [(wave, response_rates.came(outcomes.counts(wave))) for wave in waves]
        asked = [(wave, found, sum(found.values())) for wave, found in came]
        rows = [
            [
                cell(_asked_when(wave), _edition(about, wave)),
                number(people),
                *(_count(found[one], people) for one in response_rates.Came if one is not ANSWERED),
                of(found[ANSWERED], people),
            ]
            for wave, found, people in asked
            if people
        ]
        heads = [(label(one),) for one in response_rates.Came if one is not ANSWERED]
        shown = table(_("What came of asking"), [_("Wave"), (_("Asked"),), *heads, label(ANSWERED)], rows)
        book = note(_("Rates by the book: %(source)s, RR1.", source=response_rates.SOURCE))
        return Told([shown, book], [_silent(*asked[-1][1:])] if asked[-1][2] >= SMALLEST_GROUP else [])


ANSWERED = response_rates.Came.ANSWERED


def _edition(about: About, wave: Wave) -> str:
    cohort = wave.schedule.cohort
    return "" if about.cohort else f"{cohort.theme.year} {cohort.name}"


def _count(people: int, asked: int) -> dict[str, str]:
    return number(people) if asked >= SMALLEST_GROUP else nothing()


def _silent(found: dict[response_rates.Came, int], asked: int) -> str:
    silent = asked - found[ANSWERED]
    return ngettext(
        "%(num)d of %(asked)s people asked last did not answer.",
        "%(num)d of %(asked)s people asked last did not answer.",
        silent,
        asked=written(asked),
    )
