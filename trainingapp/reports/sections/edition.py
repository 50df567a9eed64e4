"""What an edition was: the few figures that come first, who took part, what was on the programme."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import sqlalchemy as sa
from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import CohortPartner, CohortPlace, EnrolmentKind
from trainingapp.dates import day
from trainingapp.db import db
from trainingapp.impact.figures import EditionFigures, hidden_countries
from trainingapp.labels import label
from trainingapp.participants.models import Sex
from trainingapp.reports import counts
from trainingapp.reports.pieces import (
    Piece,
    cell,
    facts,
    heading,
    note,
    nothing,
    number,
    percent,
    share,
    table,
    written,
)
from trainingapp.reports.sections.contract import About, Section, Told, register
from trainingapp.statistics import withheld
from trainingapp.visits import queries as visits

MOST_COUNTRIES = 60


def nobody() -> str:
    return _(
        "On that day nobody had begun: the edition starts later, or nobody is enrolled, or fewer than five "
        "people are. Choose a later day, or enrol the people first."
    )


@register
class Short(Section):
    key = "short"
    title = _l("The edition in short")
    hint = _l("Two or three sentences for whoever reads only these: what it was for, and what came of it.")

    def tell(self, about: About) -> Told:
        cohort = about.of_edition
        shown = table(
            _("About the edition"),
            [_("About"), _("It was")],
            [
                [cell(_("Programme")), cell(about.programme.name)],
                [cell(_("Theme")), cell(cohort.theme.title)],
                [cell(_("Edition")), cell(cohort.name)],
                [
                    cell(_("Days")),
                    cell(_("%(first)s to %(last)s", first=day(cohort.starts_on), last=day(cohort.ends_on))),
                ],
                [cell(_("How")), cell(label(cohort.mode))],
                *([cell(_("Where")), cell(", ".join(places))] for places in [_places(cohort.id)] if places),
                *([cell(label(role)), cell(", ".join(names))] for role, names in _partners(cohort.id)),
            ],
        )
        if not about.figures.editions:
            return Told([shown], missing=nobody())
        one = about.figures.editions[0]
        return Told([_figures(one), shown], [_sentence(one)])


def _figures(one: EditionFigures) -> Piece:
    latest = max(one.responses, default=None)
    answered = (
        [] if latest is None else [(_("Answered %(when)s", when=when(latest)), share(one.responses[latest]))]
    )
    return facts(
        (
            _("People who took part"),
            cell(
                written(one.reached),
                from_countries(len(one.people)),
            ),
        ),
        (_("Completed the course"), share(one.completion)),
        (_("From least developed countries"), share(one.from_ldcs)),
        *answered,
        (_("Plans finished, of those sent"), share(one.finished)),
    )


def _sentence(one: EditionFigures) -> str:
    return _(
        "%(people)s people %(from_countries)s took part, and %(completed)s completed the course.",
        people=written(one.reached),
        from_countries=from_countries(len(one.people)),
        completed=written(one.completed),
    )


def from_countries(number: int) -> str:
    """Of people, inside a sentence."""
    return ngettext("from %(num)d country", "from %(num)d countries", number)


def when(months: int) -> str:
    """After the edition's last day, inside a sentence."""
    return ngettext("after %(num)d month", "after %(num)d months", months) if months else _("at the end")


def _places(cohort_id: int) -> list[str]:
    query = sa.select(CohortPlace.name).where(CohortPlace.cohort_id == cohort_id)
    return list(db.session.scalars(query.order_by(CohortPlace.position, CohortPlace.id)))


def _partners(cohort_id: int) -> list[tuple[Any, list[str]]]:
    query = sa.select(CohortPartner).where(CohortPartner.cohort_id == cohort_id).order_by(CohortPartner.id)
    found: dict[Any, list[str]] = {}
    for partner in db.session.scalars(query):
        found.setdefault(partner.role, []).append(partner.name)
    return list(found.items())


@register
class People(Section):
    key = "people"
    title = _l("Who took part")
    hint = _l("Say who they were and how they were chosen, and who was missing.")

    def tell(self, about: About) -> Told:
        figures = about.figures
        if not figures.editions:
            return Told(missing=nobody())
        from_ldcs, hidden = figures.from_ldcs, hidden_countries(figures)
        pieces = [
            _table(_("Countries"), _("Country"), Counter(figures.countries), countries.name_of, hidden),
            note(_small()),
            facts((_("From least developed countries"), share(from_ldcs))),
            note(
                _("Least developed is counted as of the first day of each edition, by the list kept here.")
                if from_ldcs.n
                else _(
                    "How many came from least developed countries is not told: fewer than five people did or "
                    "did not, or nobody has loaded the list of these countries."
                )
            ),
            _table(_("Women and men"), _("Sex"), counts.people_by(about.told, counts.SEX), _sex),
            _table(_("What people do"), _("Kind"), counts.people_by(about.told, counts.KIND), _kind),
        ]
        return Told(pieces, [_from_ldcs(from_ldcs.k, from_ldcs.n)] if from_ldcs.n else [])


def _small() -> str:
    return _(
        "Groups of fewer than five people are named without their number, and so is any group whose number "
        "would give another away."
    )


def _from_ldcs(k: int, n: int) -> str:
    return _(
        "%(k)s of %(n)s people (%(share)s) came from least developed countries.",
        k=written(k),
        n=written(n),
        share=percent(k / n),
    )


def _sex(of: str) -> str:
    return label(Sex(of))


def _kind(of: str) -> str:
    return label(EnrolmentKind(of))


def _table(
    caption: str,
    head: str,
    people: Counter[Any],
    name: Callable[[str], str],
    hidden: Collection[str] | None = None,
) -> Piece:
    """The largest first; the small ones in one row without a number, in the order of their names."""
    sizes = {str(group): size for group, size in people.items()}
    if hidden is None:
        hidden = withheld({group: [size] for group, size in sizes.items()}, sizes)
    told = sorted((group for group in sizes if group not in hidden), key=lambda one: (-sizes[one], name(one)))
    rows = [[cell(name(group)), number(sizes[group])] for group in told[:MOST_COUNTRIES]]
    if others := told[MOST_COUNTRIES:]:
        text = ngettext("%(num)d other", "%(num)d others", len(others))
        rows.append([cell(text), number(sum(sizes[group] for group in others))])
    if small := sorted(name(group) for group in hidden):
        rows.append([cell(format_list(small, locale=get_locale() or "en")), nothing()])
    rows.append([cell(_("Together")), number(people.total())])
    return table(caption, [head, (_("People"),)], rows)


@register
class Programme(Section):
    key = "programme"
    title = _l("The programme and its visits")
    hint = _l("Tell what was taught and shown, what worked, and what you would do in another way.")

    def tell(self, about: About) -> Told:
        cohort = about.of_edition
        pieces: list[Piece] = []
        if topics := [str(topic) for topic in cohort.theme.topics]:
            pieces.append(table(_("Topics"), [_("Topic")], [[cell(topic)] for topic in topics]))
        made = [
            (visit, people)
            for visit, people in visits.visits_of(cohort)
            if visit.cancelled_because is None and visit.visit_on <= (about.scope.on or visit.visit_on)
        ]
        if made:
            pieces += [heading(_("Visits")), _visits(made)]
        if not pieces:
            return Told(
                missing=_(
                    "No topic and no visit is recorded. Add topics to the theme, and visits to the edition."
                )
            )
        hosts = len({visit.host_id for visit, _people in made})
        sentence = ngettext("People visited %(num)d host.", "People visited %(num)d hosts.", hosts)
        return Told(pieces, [sentence] if hosts else [])


def _visits(made: list[tuple[Any, int]]) -> Piece:
    return table(
        _("Visits, in their order"),
        [_("Day"), _("Host"), _("Place"), (_("Visitors"),)],
        [
            [
                cell(day(visit.visit_on)),
                cell(visit.host.name, visit.host.cluster),
                cell(visit.host.place),
                number(people) if people else nothing(),
            ]
            for visit, people in made
        ],
    )
