"""A measure in a party's periodic report on the UNESCO 2005 Convention.

Its fields are those of published entries; published ones are often half empty, so only what names the
measure counts as asked for by the platform.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp import countries
from trainingapp.cohorts.models import PartnerRole
from trainingapp.plans import amounts
from trainingapp.refusals import Refusal
from trainingapp.submissions.checks.countries import OneCountry
from trainingapp.submissions.checks.counts import CountsAgree
from trainingapp.submissions.checks.fields import codes_of, complete, lengths, options_known
from trainingapp.submissions.checks.findings import Entry, Finding, Weight
from trainingapp.submissions.checks.goals import AreasFit
from trainingapp.submissions.checks.mentions import named_in
from trainingapp.submissions.checks.times import FourYears
from trainingapp.submissions.fields import Choice, Codes, Column, Need, Prose, Rows, Short, Value
from trainingapp.submissions.held import Background
from trainingapp.submissions.kinds import story
from trainingapp.submissions.kinds.contract import Kind
from trainingapp.submissions.languages import labelled
from trainingapp.submissions.lists import AREAS, DOMAINS, Group, Lists


class PartnerType(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    CIVIL = "civil"


def partner_types(_lists: Lists) -> list[Group]:
    return [
        (
            "",
            [
                (PartnerType.PUBLIC.value, _("Public sector")),
                (PartnerType.PRIVATE.value, _("Private sector")),
                (PartnerType.CIVIL.value, _("Civil society")),
            ],
        )
    ]


def yes_or_no(_lists: Lists) -> list[Group]:
    return [("", [("yes", _("Yes")), ("no", _("No"))])]


YES = {"si": "yes", "sí": "yes", "oui": "yes", "ya": "yes", "non": "no", "tidak": "no"}


def areas(lists: Lists) -> list[Group]:
    return lists.of(AREAS)


def goals(lists: Lists) -> list[Group]:
    return lists.goals(AREAS)


def domains(lists: Lists) -> list[Group]:
    return lists.of(DOMAINS)


@dataclass(frozen=True)
class PartnersTyped:
    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        known = codes_of(partner_types, entry.lists)
        bare = [row["name"] or "\u2013" for row in entry.rows(self.field) if row.get("type", "") not in known]
        if bare:
            text = _(
                "Say whether these are public, private or civil society: %(names)s.", names="; ".join(bare)
            )
            yield Finding(self.field, Weight.WRONG, text)


@dataclass(frozen=True)
class EvaluationTold:
    """Evaluated means by somebody, with something concluded."""

    asked: str
    by: str
    concluded: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        said = entry.text(self.asked)
        if said == "yes" and not entry.text(self.by):
            yield Finding(self.by, Weight.WRONG, _("It is said to be evaluated: say by whom."))
        if said == "yes" and not entry.text(self.concluded):
            yield Finding(
                self.concluded, Weight.WRONG, _("It is said to be evaluated: say what was concluded.")
            )
        if said != "yes" and (entry.text(self.by) or entry.text(self.concluded)):
            yield Finding(self.asked, Weight.WRONG, _("An evaluation is told below: then the answer is yes."))


@dataclass(frozen=True)
class MoneyIsNumber:
    field: str

    def __call__(self, entry: Entry) -> Iterator[Finding]:
        try:
            amount = amounts.read(entry.text(self.field))
        except Refusal as refusal:
            yield Finding(self.field, Weight.WRONG, str(refusal))
            return
        if amount is not None and amount <= Decimal(0):
            yield Finding(self.field, Weight.WRONG, _("Write an amount above zero, or leave it empty."))


class UnescoMeasure(Kind):
    key = "unesco-2005"
    name = _l("UNESCO 2005 Convention measure")
    about = _l("One measure of a party's periodic report on the diversity of cultural expressions.")
    fields = (
        Prose(
            "title",
            _l("Title of the measure"),
            most=30,
            called={
                "en": ("title", "name of the measure", "name of policy/measure"),
                "es": ("título de la medida", "nombre de la medida"),
                "fr": ("titre de la mesure", "nom de la mesure"),
            },
        ),
        Short(
            "party",
            _l("Party"),
            _l("The state that reports."),
            called={"en": ("country",), "es": ("parte", "país"), "fr": ("partie", "pays")},
        ),
        Short(
            "agency",
            _l("Agency responsible"),
            called={
                "en": ("name of agency responsible for the implementation of the policy/measure",),
                "es": ("organismo responsable", "agencia responsable"),
                "fr": ("organisme responsable",),
            },
        ),
        Prose(
            "main_features",
            _l("Main features of the measure"),
            _l("What it does, for whom, since when, with what means."),
            least=50,
            most=500,
            rows=10,
            called={
                "en": ("main features", "describe the main features of the policy/measure"),
                "es": (
                    "principales características",
                    "características principales",
                    "principales características de la medida",
                ),
                "fr": ("principales caractéristiques",),
            },
        ),
        Prose(
            "results",
            _l("Results achieved so far"),
            _l("With counts, and from when they are."),
            need=Need.PRACTICE,
            least=20,
            most=400,
            rows=8,
            called={
                "en": ("results", "results achieved so far through the implementation of the policy/measure"),
                "es": ("resultados", "resultados obtenidos hasta la fecha"),
                "fr": ("résultats", "résultats obtenus jusqu'à présent"),
            },
        ),
        Short(
            "usd",
            _l("Financial resources allocated in USD"),
            need=Need.PRACTICE,
            mode="decimal",
            called={
                "en": ("financial resources", "financial resources allocated to the policy/measure in usd"),
                "es": ("recursos financieros", "recursos financieros asignados en usd"),
                "fr": ("ressources financières",),
            },
        ),
        Rows(
            "partners",
            _l("Partners"),
            need=Need.PRACTICE,
            columns=(Column("name", _l("Name"), "s7"), Column("type", _l("Type"), "s5", partner_types)),
            called={
                "en": ("partner(s) engaged in the implementation of the measure",),
                "es": ("socios", "socios participantes"),
                "fr": ("partenaires",),
            },
        ),
        Choice(
            "evaluated",
            _l("Has it been evaluated?"),
            need=Need.PRACTICE,
            options=yes_or_no,
            also=YES,
            called={
                "en": ("has the implementation of the policy/measure been evaluated", "evaluated"),
                "es": ("se ha evaluado la medida", "evaluada"),
                "fr": ("la mesure a-t-elle été évaluée",),
            },
        ),
        Short(
            "evaluated_by",
            _l("Evaluated by"),
            need=Need.NOBODY,
            called={"en": ("by whom",), "es": ("evaluada por", "por quién")},
        ),
        Prose(
            "conclusions",
            _l("Main conclusions of the evaluation"),
            need=Need.NOBODY,
            most=300,
            rows=4,
            called={
                "en": ("conclusions", "main conclusions"),
                "es": ("conclusiones",),
                "fr": ("conclusions",),
            },
        ),
        Choice(
            "youth",
            _l("Does it target young people?"),
            need=Need.PRACTICE,
            options=yes_or_no,
            also=YES,
            called={
                "en": ("does this policy/measure target young people",),
                "es": ("está dirigida a los jóvenes",),
            },
        ),
        Choice(
            "preferential",
            _l("Does it give preferential treatment?"),
            need=Need.PRACTICE,
            options=yes_or_no,
            also=YES,
            called={
                "en": ("preferential treatment",),
                "es": ("trato preferente",),
                "fr": ("traitement préférentiel",),
            },
        ),
        Codes(
            "goals",
            _l("Goals"),
            options=goals,
            called={
                "en": ("goal", "goal(s)", "goal(s) of the 2005 convention"),
                "es": ("objetivos", "objetivo", "objetivo(s)"),
                "fr": ("objectifs",),
            },
        ),
        Codes(
            "areas",
            _l("Areas of monitoring"),
            options=areas,
            called={
                "en": ("area(s) of monitoring", "area of monitoring"),
                "es": ("ámbitos de seguimiento", "áreas de seguimiento", "ámbito de seguimiento"),
                "fr": ("domaines de suivi",),
            },
        ),
        Codes(
            "domains",
            _l("Cultural domains"),
            options=domains,
            called={
                "en": ("cultural domain(s) covered by the policy/measure", "cultural domain"),
                "es": ("ámbitos culturales", "sectores culturales"),
                "fr": ("domaines culturels",),
            },
        ),
        Short(
            "cycle",
            _l("Reporting cycle"),
            _l("Four years, like 2017 to 2020."),
            called={"es": ("ciclo de informes", "ciclo"), "fr": ("cycle de rapport",)},
        ),
    )
    checks = (
        complete,
        lengths,
        options_known,
        labelled,
        OneCountry("party"),
        CountsAgree(),
        MoneyIsNumber("usd"),
        PartnersTyped("partners"),
        EvaluationTold("evaluated", "evaluated_by", "conclusions"),
        AreasFit("goals", "areas"),
        FourYears("cycle"),
    )

    def propose(self, known: Background) -> Iterator[tuple[str, Value]]:
        owners = known.named(PartnerRole.OWNER)
        states = list(named_in("\n".join(owners)))
        yield "title", known.programme.name
        yield "party", countries.name_of(states[0]) if len(states) == 1 else ""
        yield "agency", owners[0] if owners else ""
        yield (
            "main_features",
            "\n\n".join(filter(None, (known.programme.description, story.joined(story.course(known))))),
        )
        yield "results", story.joined(story.results(known))
        others = [name for name, role in known.partners if role is not PartnerRole.OWNER]
        yield "partners", [{"name": name, "type": ""} for name in dict.fromkeys(others)]
