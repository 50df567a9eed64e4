"""From the element of an accepted activity to what is kept of it. Nothing is converted, nothing added up."""

from collections.abc import Iterable
from typing import Any

from trainingapp.impact.iati.codes import LANG
from trainingapp.impact.iati.opening import Element, identifier_of
from trainingapp.impact.iati.rule_kinds import day
from trainingapp.impact.references.models import ReferenceActivity, ReferenceIndicator

Texts = dict[str, Any]  # language -> words
GOAL, TARGET = "2", "3"  # vocabularies of tags
SDG_REFERENCE = "9"  # vocabulary of an indicator's reference: the indicators of the SDGs
STARTS, ENDS = ("2", "1"), ("4", "3")  # kinds of dates: actual, then planned


def activity(element: Element) -> ReferenceActivity:
    language = element.get(LANG, "")
    publisher = element.find("reporting-org")
    titles = texts(element.find("title"), language)
    return ReferenceActivity(
        identifier=identifier_of(element),
        publisher_ref=publisher.get("ref", "").strip()[:500],
        publisher=first(texts(publisher, language))[:300],
        title=first(titles)[:500],
        titles=titles,
        descriptions=texts(element.find("description"), language),
        status=element.find("activity-status").get("code"),
        starts_on=_date(element, STARTS),
        ends_on=_date(element, ENDS),
        countries=[[one.get("code"), one.get("percentage")] for one in element.findall("recipient-country")],
        regions=_shares(element.findall("recipient-region")),
        sectors=_shares(element.findall("sector")),
        sdgs=sdgs(element),
    )


def indicators(element: Element) -> list[ReferenceIndicator]:
    language, tagged = element.get(LANG, ""), sdgs(element)
    found: list[ReferenceIndicator] = []
    for result in element.findall("result"):
        for one in result.findall("indicator"):
            titles = texts(one.find("title"), language)
            found.append(
                ReferenceIndicator(
                    position=len(found) + 1,
                    result_type=result.get("type"),
                    result=first(texts(result.find("title"), language)),
                    measure=one.get("measure"),
                    is_ascending=one.get("ascending", "1") in {"1", "true"},
                    title=first(titles),
                    titles=titles,
                    sdgs=_referred(one) or tagged,
                    baselines=[
                        {"year": base.get("year"), "day": base.get("iso-date"), **_value(base, language)}
                        for base in one.findall("baseline")
                    ],
                    periods=[_period(period, language) for period in one.findall("period")],
                )
            )
    return found


def sdgs(element: Element) -> list[str]:
    """Goals and targets among the tags; the sectors of the same meaning, which are older, too."""
    places = (("tag", {GOAL, TARGET}), ("sector", {"7", "8"}))
    codes = [
        one.get("code")
        for name, vocabularies in places
        for one in element.findall(name)
        if one.get("vocabulary") in vocabularies
    ]
    return sorted({code for code in codes if code})


def texts(element: Element | None, language: str) -> Texts:
    """In the order of the file; of two in one language the first."""
    found: Texts = {}
    for one in () if element is None else element.findall("narrative"):
        words = " ".join("".join(one.itertext()).split())
        if words:
            found.setdefault(one.get(LANG, language), words)
    return found


def first(found: Texts) -> str:
    return next(iter(found.values()), "")


def _date(element: Element, kinds: Iterable[str]) -> Any:
    for kind in kinds:
        found = element.find(f"activity-date[@type='{kind}']")
        if found is not None:
            return day(found.get("iso-date"))
    return None


def _shares(elements: Iterable[Element]) -> list[list[Any]]:
    return [[one.get("vocabulary", "1"), one.get("code"), one.get("percentage")] for one in elements]


def _referred(indicator: Element) -> list[str]:
    """Of "9.3.1" the target 9.3: an indicator of the SDGs belongs to its target."""
    codes = [
        one.get("code", "")
        for one in indicator.findall("reference")
        if one.get("vocabulary") == SDG_REFERENCE
    ]
    return sorted({".".join(code.split(".")[:2]) for code in codes if code})


def _period(period: Element, language: str) -> dict[str, Any]:
    return {
        "start": period.find("period-start").get("iso-date"),
        "end": period.find("period-end").get("iso-date"),
        "targets": [_value(one, language) for one in period.findall("target")],
        "actuals": [_value(one, language) for one in period.findall("actual")],
    }


def _value(element: Element, language: str) -> dict[str, Any]:
    return {
        "value": element.get("value"),
        "dimensions": [[one.get("name"), one.get("value")] for one in element.findall("dimension")],
        "comment": first(texts(element.find("comment"), language)),
    }
