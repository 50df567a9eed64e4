"""A solution on the South-South Galaxy of the United Nations Office for South-South Cooperation.

Its fields are those of published entries; how long a text should be is good practice of our own.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.cohorts.models import PartnerRole
from trainingapp.statistics import SMALLEST_GROUP, most_often
from trainingapp.submissions.checks.countries import CountriesAgree, SimilarDiffer
from trainingapp.submissions.checks.counts import CountsAgree
from trainingapp.submissions.checks.fields import AddressSound, complete, lengths, options_known
from trainingapp.submissions.checks.goals import PrimaryOnce
from trainingapp.submissions.checks.times import Status, YearsFit
from trainingapp.submissions.fields import Choice, Codes, Column, Names, Need, Prose, Rows, Short, Value
from trainingapp.submissions.held import Background
from trainingapp.submissions.kinds import story
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.languages import labelled
from trainingapp.submissions.lists import SDG, Group, Lists


def goals(lists: Lists) -> list[Group]:
    return lists.with_goals(SDG)


def statuses(_lists: Lists) -> list[Group]:
    return [("", [(Status.ONGOING.value, _("Ongoing")), (Status.COMPLETED.value, _("Completed"))])]


class GalaxySolution(Kind):
    key = "galaxy"
    name = _l("South-South Galaxy solution")
    about = _l("What worked between countries of the South, for others to take over.")
    fields = (
        Prose("title", _l("Title"), most=25, called={"es": ("título",), "fr": ("titre",), "id": ("judul",)}),
        Prose(
            "summary",
            _l("Summary"),
            _l("One line: who did what, with whom, and what came of it."),
            most=40,
            rows=2,
            called={
                "en": ("one-line summary", "summary of the solution"),
                "es": ("resumen",),
                "fr": ("résumé",),
            },
        ),
        Prose(
            "challenges",
            _l("Challenges"),
            _l("What was wrong, for whom, and how it is known."),
            least=50,
            most=300,
            rows=8,
            called={"es": ("desafíos", "retos"), "fr": ("défis",), "id": ("tantangan",)},
        ),
        Prose(
            "solution",
            _l("Towards a Solution"),
            _l(
                "Method, results, follow-up and lessons; what went from one country to another, "
                "whether others can repeat it, and whether it lasts."
            ),
            least=150,
            most=700,
            rows=14,
            called={"es": ("hacia una solución",), "fr": ("vers une solution",), "id": ("menuju solusi",)},
        ),
        Short("contact_post", _l("Contact: post"), _l("Who answers questions. A post outlives a name.")),
        Short(
            "contact_organisation",
            _l("Contact: organisation"),
            called={"en": ("contact information", "contact")},
        ),
        Names(
            "countries",
            _l("Countries involved"),
            _l("One a line, by any usual name."),
            called={
                "en": ("countries/territories involved", "countries"),
                "es": ("países involucrados",),
                "fr": ("pays concernés",),
                "id": ("negara yang terlibat",),
            },
        ),
        Names("supported_by", _l("Supported by"), _l("One a line."), called={"es": ("con el apoyo de",)}),
        Names(
            "implementing",
            _l("Implementing entities"),
            _l("One a line."),
            called={"en": ("implementing entity", "implemented by"), "es": ("entidades implementadoras",)},
        ),
        Choice(
            "status", _l("Project status"), options=statuses, called={"en": ("status",), "es": ("estado",)}
        ),
        Short("from_year", _l("Project period: from year"), mode="numeric", called={"en": ("from year",)}),
        Short("to_year", _l("Project period: to year"), mode="numeric", called={"en": ("to year",)}),
        Short(
            "url",
            _l("URL of the practice"),
            _l("A page about it, for as long as possible: https://…"),
            mode="url",
            called={"en": ("url", "website")},
        ),
        Choice(
            "primary_sdg",
            _l("Primary SDG"),
            _l("One."),
            options=goals,
            called={"es": ("ods principal",), "fr": ("odd principal",)},
        ),
        Codes(
            "secondary_sdgs",
            _l("Secondary SDGs"),
            _l("Others that it serves; not the primary one again."),
            need=Need.PRACTICE,
            options=goals,
            called={"en": ("secondary sdg",), "es": ("ods secundarios",), "fr": ("odd secondaires",)},
        ),
        Rows(
            "similar",
            _l("Similar solutions"),
            _l("Their own countries, goal and status; not those of this entry."),
            need=Need.NOBODY,
            columns=(
                Column("name", _l("Name"), "s5"),
                Column("countries", _l("Countries"), "s3"),
                Column("sdg", _l("SDG"), "s2"),
                Column("status", _l("Status"), "s2", statuses),
            ),
        ),
    )
    joined: ClassVar[Mapping[str, tuple[str, str]]] = {
        "project period": ("from_year", "to_year"),
        "period": ("from_year", "to_year"),
    }
    checks = (
        complete,
        lengths,
        options_known,
        labelled,
        CountriesAgree("countries", ("supported_by", "implementing", "contact_organisation")),
        CountsAgree("countries"),
        YearsFit("status", "from_year", "to_year"),
        AddressSound("url"),
        PrimaryOnce("primary_sdg", "secondary_sdgs"),
        SimilarDiffer("similar", "countries"),
    )

    def propose(self, known: Background) -> Iterator[tuple[str, Value]]:
        owners = known.named(PartnerRole.OWNER)
        yield "title", known.programme.name
        yield "summary", known.programme.description
        yield "challenges", story.joined(story.problems(known))
        yield (
            "solution",
            "\n\n".join(
                filter(None, (story.joined(story.course(known)), story.joined(story.results(known))))
            ),
        )
        yield "contact_organisation", owners[0] if owners else ""
        yield "countries", story.country_names(known)
        yield "supported_by", known.named(PartnerRole.FUNDER)
        yield (
            "implementing",
            known.named(PartnerRole.OWNER, PartnerRole.CONTENT, PartnerRole.IMPLEMENTER, PartnerRole.HOST),
        )
        if known.first_year and known.last_year:
            yield "status", (Status.ONGOING if known.goes_on else Status.COMPLETED).value
            yield "from_year", str(known.first_year)
            yield "to_year", str(known.last_year)
        often = [goal for goal, plans in most_often(known.goals) if plans >= SMALLEST_GROUP]
        yield "primary_sdg", often[0] if often else ""
        yield "secondary_sdgs", sorted(often[1:], key=int)
