"""The kinds of report: what each is about, which sections it has and in which order they come."""

from abc import ABC, abstractmethod
from typing import ClassVar

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from trainingapp.cohorts.models import Cohort
from trainingapp.impact.scope import Scope
from trainingapp.programmes.models import Programme
from trainingapp.reports.models import Report


class ReportKind(ABC):
    key: ClassVar[str]
    name: ClassVar[LazyString]
    sections: ClassVar[tuple[str, ...]]

    def scope(self, report: Report) -> Scope:
        return Scope(report.programme_id, report.as_of)

    @abstractmethod
    def subject(self, report: Report) -> str:
        """What stands under the title."""


class EditionReport(ReportKind):
    key = "edition"
    name = _l("Edition report")
    sections = (
        *("short", "people", "programme", "said", "plans", "changed", "impact"),
        *("quotes", "promises", "silent", "method"),
    )

    def scope(self, report: Report) -> Scope:
        return super().scope(report).but(cohort_id=report.cohort_id)

    def subject(self, report: Report) -> str:
        assert report.cohort
        return f"{report.programme.name} · {report.cohort.theme.year} {report.cohort.name}"


class YearsReport(ReportKind):
    key = "years"
    name = _l("Report over several years")
    sections = (
        *("years_short", "editions", "people", "themes", "trends", "plans", "impact"),
        *("quotes", "promises_by_edition", "silent", "method"),
    )

    def scope(self, report: Report) -> Scope:
        return super().scope(report).but(first_year=report.first_year, last_year=report.last_year)

    def subject(self, report: Report) -> str:
        first, last = report.first_year, report.last_year
        return (
            f"{report.programme.name} · {first}\N{EN DASH}{last}"
            if first != last
            else f"{report.programme.name} · {first}"
        )


KINDS: dict[str, ReportKind] = {kind.key: kind for kind in (EditionReport(), YearsReport())}


def title_of_edition(cohort: Cohort) -> str:
    """In the language of the page; its writer may change it."""
    return _("Report on %(edition)s, %(year)s", edition=cohort.name, year=cohort.theme.year)


def title_of_years(programme: Programme, first: int, last: int) -> str:
    return _("%(programme)s, %(first)s to %(last)s", programme=programme.short_name, first=first, last=last)
