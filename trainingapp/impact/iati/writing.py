"""The XML of an activity file, in the order that the schema fixes."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree
from lxml.builder import E

from trainingapp.impact.iati.codes import LANG
from trainingapp.impact.iati.contents import Activity, Contents, Document, Measure
from trainingapp.impact.iati.models import IatiDetails
from trainingapp.impact.iati.opening import ROOT, VERSION, Element
from trainingapp.letters import holdable

ENGLISH = "en"  # of sentences of our own
MULTI_NATIONAL, DEVELOPING_COUNTRIES = "3", "998"
UNIT = "1"  # a measure that counts
PLANNED_START, ACTUAL_START, PLANNED_END, ACTUAL_END = "1234"


def written(contents: Contents, now: datetime) -> bytes:
    root = etree.Element(ROOT, {"version": VERSION, "generated-datetime": _moment(now)})
    for activity in contents.activities:
        root.append(_activity(activity, contents))
    xml: bytes = etree.tostring(root, pretty_print=True, xml_declaration=True, encoding="UTF-8")
    return xml


def plain(text: str) -> str:
    """Without the characters that XML does not have."""
    return holdable(text).strip()


def _activity(of: Activity, contents: Contents) -> Element:
    details = contents.details
    made = _made(
        "iati-activity",
        {
            LANG: details.language,
            "default-currency": details.currency,
            "last-updated-datetime": _moment(contents.updated_at),
            "hierarchy": str(of.hierarchy),
            "humanitarian": "0",
        },
        _made("iati-identifier", {}, plain(of.identifier)),
        _made(
            "reporting-org",
            {"ref": plain(details.organisation_ref), "type": details.organisation_type},
            *_narratives(details.organisation_name),
        ),
    )
    for part in (*_about(of, details), *_places(of), *_kinds(details), *_money(of)):
        made.append(part)
    made.extend(_document(one) for one in of.documents)
    made.extend(
        _made("related-activity", {"ref": plain(ref), "type": kind}) for ref, kind in of.related.items()
    )
    made.append(_made("conditions", {"attached": "0"}))
    made.extend(_results(of))
    return made


def _about(of: Activity, details: IatiDetails) -> Iterator[Element]:
    yield _made("title", {}, *_narratives(of.title))
    yield _made("description", {"type": "1"}, *_narratives(of.description))
    for one in of.organisations:
        known = {"ref": plain(one.ref), "type": one.type}
        filled = {name: value for name, value in known.items() if value}
        yield _made("participating-org", {"role": one.role, **filled}, *_narratives(one.name))
    yield _made("activity-status", {"code": of.status})
    days = zip((PLANNED_START, PLANNED_END, ACTUAL_START, ACTUAL_END), (*of.planned, *of.actual), strict=True)
    for kind, day in sorted((kind, day) for kind, day in days if day):
        yield _made("activity-date", {"type": kind, "iso-date": day.isoformat()})
    if details.contact_email or details.website:
        contact = _made("contact-info", {"type": "1"})
        contact.append(_made("organisation", {}, *_narratives(details.organisation_name)))
        if details.contact_name:
            contact.append(_made("person-name", {}, *_narratives(details.contact_name)))
        for name, text in (("email", details.contact_email), ("website", details.website)):
            if text:
                contact.append(_made(name, {}, plain(text)))
        yield contact
    yield _made("activity-scope", {"code": MULTI_NATIONAL})


def _places(of: Activity) -> Iterator[Element]:
    for country, share in of.shares.items():
        percentage = {"percentage": _number(share)} if len(of.shares) > 1 else {}
        yield _made("recipient-country", {"code": country, **percentage})
    if not of.shares:
        yield _made("recipient-region", {"vocabulary": "1", "code": DEVELOPING_COUNTRIES})


def _kinds(details: IatiDetails) -> Iterator[Element]:
    yield _made("sector", {"vocabulary": "1", "code": details.sector})
    for code in details.sdgs:
        yield _made("tag", {"vocabulary": "3" if "." in code else "2", "code": code})
    yield _made("collaboration-type", {"code": details.collaboration})
    yield _made("default-flow-type", {"code": details.flow})
    yield _made("default-finance-type", {"code": details.finance})
    yield _made("default-aid-type", {"vocabulary": "1", "code": details.aid_type})
    yield _made("default-tied-status", {"code": details.tied})


def _money(of: Activity) -> Iterator[Element]:
    for one in of.budgets:
        starts, ends = date(one.year, 1, 1), date(one.year, 12, 31)
        yield _made(
            "budget",
            {"type": "1", "status": "2" if one.is_committed else "1"},
            *_period(starts, ends),
            _made("value", {"value-date": starts.isoformat()}, _number(one.amount)),
        )


def _document(one: Document) -> Element:
    return _made(
        "document-link",
        {"url": plain(one.url), "format": one.media_type},
        _made("title", {}, *_narratives(one.title, one.language)),
        _made("category", {"code": one.category}),
        _made("language", {"code": one.language}),
        _made("document-date", {"iso-date": one.published_on.isoformat()}),
    )


def _results(of: Activity) -> Iterator[Element]:
    """One result for all indicators of one kind and name."""
    grouped: dict[tuple[str, str], list[Measure]] = {}
    for one in of.measures:
        grouped.setdefault((one.type, one.result), []).append(one)
    for (kind, title), measures in grouped.items():
        made = _made(
            "result",
            {"type": kind, "aggregation-status": "0"},
            _made("title", {}, *_narratives(title, ENGLISH)),
        )
        made.extend(map(_indicator, measures))
        yield made


def _indicator(of: Measure) -> Element:
    made = _made("indicator", {"measure": UNIT, "ascending": "1", "aggregation-status": "0"})
    made.append(_made("title", {}, *_narratives(of.title, ENGLISH)))
    if of.sdg:
        made.append(_made("reference", {"vocabulary": "9", "code": of.sdg}))
    if of.baseline is not None:
        base = {
            "year": str(of.starts_on.year),
            "iso-date": of.starts_on.isoformat(),
            "value": _number(of.baseline),
        }
        made.append(_made("baseline", base))
    period = _made("period", {}, *_period(of.starts_on, of.ends_on))
    if of.target is not None:
        period.append(_made("target", {"value": _number(of.target)}))
    whole = _made("actual", {"value": _number(of.actual)})
    if of.comment:
        whole.append(_made("comment", {}, *_narratives(of.comment, ENGLISH)))
    period.append(whole)
    for name, values, amount in of.parts:
        part = _made(
            "actual", {"value": _number(amount)}, _made("dimension", {"name": name, "value": values})
        )
        period.append(part)
    made.append(period)
    return made


def _period(starts: date, ends: date) -> list[Element]:
    return [
        _made("period-start", {"iso-date": starts.isoformat()}),
        _made("period-end", {"iso-date": ends.isoformat()}),
    ]


def _narratives(text: str, language: str = "") -> list[Element]:
    return [_made("narrative", {LANG: language} if language else {}, plain(text))]


def _number(value: Decimal) -> str:
    return format(value, "f")


def _moment(when: datetime) -> str:
    return when.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _made(name: str, attributes: Mapping[str, str], *children: Any) -> Element:
    return E(name, dict(attributes), *children)
