"""From rows about people to a package: chosen, checked, described, packed. No writes."""

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from trainingapp import tokens
from trainingapp.datasets import anonymity, counting, describing, queries, tables
from trainingapp.datasets.anonymity import Earlier, Kept, Levels, Record
from trainingapp.datasets.describing import Check, Label
from trainingapp.datasets.models import Release
from trainingapp.datasets.tables import TableFile
from trainingapp.plans.progress.models import EvidenceLevel
from trainingapp.refusals import Refusal

LEAST_LEVEL = EvidenceLevel.EXPLAINED
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # in a zip: the same package has the same bytes


class NothingToTell(Refusal):
    """No way of telling hides everybody well enough."""


@dataclass(frozen=True)
class Package:
    levels: Levels
    check: Check
    data: bytes
    groups: bytes = field(repr=False)


def make(label: Label, k: int, published: Sequence[Release], finest: int | None = None) -> Package:
    """`finest` is the trait that matters most, by its place in TRAITS. Raises NothingToTell."""
    programme = label.programme
    earlier = [_remembered(release) for release in published]
    steering = {
        "people": queries.people(programme, label.as_of),
        "plans": queries.plans(programme, label.as_of),
    }
    levels = anonymity.choose(steering, k, earlier, finest)
    if levels is None:
        raise NothingToTell(_reason(published, k))

    def kept(name: str, table: anonymity.Table) -> Kept:
        return anonymity.keep(table, name, levels, k, earlier)

    people, plans = kept("people", steering["people"]), kept("plans", steering["plans"])
    order = _order(label)
    diverse = [anonymity.diverse(plans.shown, fact) for fact in range(len(tables.PLAN_FACTS))]
    waves = queries.waves(programme)
    responses = kept("answers", [row for year, wave in waves for row in queries.responses(year, wave)])
    measured = queries.measured(programme, LEAST_LEVEL)
    feeding = kept(
        "indicators",
        [Record(one.person, anonymity.NOBODY, key) for key, found in measured.items() for one in found],
    )
    with force_locale("en"):  # who reads it need not speak the language of who makes it
        chosen, questions = counting.counted(waves, responses.shown, k)
        files = [
            tables.people(people.shown, levels, order),
            tables.plans(plans.shown, levels, diverse, order),
            tables.answers(chosen, levels),
            tables.questions(questions),
            tables.indicators(counting.added_up(measured, feeding, k)),
        ]
    all_kept = {"people": people, "plans": plans, "answers": responses, "indicators": feeding}
    check = Check(
        k,
        {name: _smallest(one) for name, one in all_kept.items() if one.shown},
        {file.name: len(file.rows) for file in files},
        {name: one.left_out for name, one in all_kept.items()},
        {
            fact.name: len(plans.shown) - len(groups)
            for fact, groups in zip(tables.PLAN_FACTS, diverse, strict=True)
        },
        [release.number for release in published],
    )
    return Package(levels, check, _zipped(label, levels, check, files), _memory(all_kept))


def _reason(published: Sequence[Release], k: int) -> str:
    if published:
        return _(
            "Since an earlier package fewer than %(k)s people came or left, and a new one would show who. "
            "Make it when more have.",
            k=k,
        )
    return _("Fewer than %(k)s people took part. Nothing can be told without telling who they are.", k=k)


def _order(label: Label) -> Callable[[str, int], str]:
    parts = (label.programme.id, label.number)
    return lambda table, row: tokens.issue("order of a package", *parts, table, row)


def _smallest(kept: Kept) -> int:
    return min(len({row.unit for row in rows}) for rows in kept.shown.values())


def _zipped(label: Label, levels: Levels, check: Check, files: Sequence[TableFile]) -> bytes:
    contents = {file.path: _csv(file) for file in files}
    descriptor = describing.descriptor(label, levels, files, contents)
    contents["datapackage.json"] = json.dumps(descriptor, indent=2, ensure_ascii=False).encode() + b"\n"
    contents["README.md"] = describing.read_me(label, levels, check).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _csv(file: TableFile) -> bytes:
    """Without the mark that Excel likes: Frictionless' readers would take it for part of the first name."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([one.name for one in file.fields])
    writer.writerows(file.rows)
    return text.getvalue().encode()


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def facts(check: Check) -> dict[str, Any]:
    return asdict(check)


def _memory(kept: Mapping[str, Kept]) -> bytes:
    rows = {
        name: [[list(group), sorted({row.unit for row in rows})] for group, rows in one.shown.items()]
        for name, one in kept.items()
    }
    return zlib.compress(json.dumps(rows).encode())


def _remembered(release: Release) -> Earlier:
    kept = json.loads(zlib.decompress(release.groups))
    groups = {
        name: {tuple(group): frozenset(people) for group, people in rows} for name, rows in kept.items()
    }
    return Earlier(tuple(release.levels), groups)
