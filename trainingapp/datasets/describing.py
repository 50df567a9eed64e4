"""The descriptor of a package, as Frictionless' Data Package 1.0 says, and its page for people. English."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from trainingapp.datasets import ladders
from trainingapp.datasets.anonymity import Levels
from trainingapp.datasets.tables import TableFile, told
from trainingapp.programmes.models import Programme

# Names as opendefinition.org lists them.
LICENCES: dict[str, tuple[str, str]] = {
    "CC-BY-4.0": (
        "Creative Commons Attribution 4.0 International",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    "CC0-1.0": (
        "CC0 1.0 Universal Public Domain Dedication",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    ),
    "ODC-BY-1.0": (
        "Open Data Commons Attribution License 1.0",
        "https://opendatacommons.org/licenses/by/1-0/",
    ),
}


@dataclass(frozen=True)
class Label:
    """What is said of a package."""

    programme: Programme
    number: int
    licence: str
    as_of: date
    made_at: datetime


@dataclass(frozen=True)
class Check:
    """What a person should know who gives the package out."""

    k: int
    smallest: dict[str, int]  # table -> people of its smallest group
    rows: dict[str, int]
    left_out: dict[str, int]  # people whose group is too small, or who came with too few others
    silent: dict[str, int]  # fact of a plan -> groups that do not tell it
    held_against: list[int]  # numbers of the earlier packages


def name(label: Label) -> str:
    return f"{label.programme.slug}-{label.number}"


def descriptor(
    label: Label, levels: Levels, files: Sequence[TableFile], contents: Mapping[str, bytes]
) -> dict[str, Any]:
    title, address = LICENCES[label.licence]
    return {
        "profile": "tabular-data-package",
        "name": name(label),
        "title": f"{label.programme.name}: anonymised data, version {label.number}",
        "description": (
            f"People, action plans, counted answers and indicators of {label.programme.name}, "
            f"as of {label.as_of.isoformat()}. {_coarse(levels)} See README.md for what was left out."
        ),
        "version": f"{label.number}.0.0",
        "created": label.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "keywords": ["training", "alumni", "follow-up", "anonymised"],
        "licenses": [{"name": label.licence, "path": address, "title": title}],
        "contributors": [{"title": label.programme.name, "role": "publisher"}],
        "resources": [_resource(file, contents[file.path]) for file in files],
    }


def _resource(file: TableFile, content: bytes) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [one.described() for one in file.fields],
        "missingValues": [""],
    }
    if file.key:
        schema["primaryKey"] = list(file.key)
    if file.points:
        schema["foreignKeys"] = [
            {"fields": list(fields), "reference": {"resource": table, "fields": list(fields)}}
            for table, fields in file.points.items()
        ]
    return {
        "profile": "tabular-data-resource",
        "name": file.name,
        "path": file.path,
        "title": file.title,
        "description": file.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _coarse(levels: Levels) -> str:
    columns = [one.name for one in told(levels)]
    missing = [trait.name for trait in ladders.TRAITS if not set(trait.columns) & set(columns)]
    return f"Told of people: {', '.join(columns) or 'nothing'}. Not told: {', '.join(missing) or 'nothing'}."


def few(people: int, k: int) -> str:
    """As a number that nothing can be worked out from."""
    return str(people) if people == 0 or people >= k else f"fewer than {k}"


def read_me(label: Label, levels: Levels, check: Check) -> str:
    licence, address = LICENCES[label.licence]
    tables = "\n".join(f"| {table}.csv | {rows} |" for table, rows in check.rows.items())
    groups = "\n".join(
        f"| {table} | {smallest} | {few(check.left_out[table], check.k)} |"
        for table, smallest in check.smallest.items()
    )
    return f"""# {label.programme.name}: anonymised data, version {label.number}

As of {label.as_of.isoformat()}. {licence}: {address}

datapackage.json describes every table and column (Frictionless Data Package 1.0).

| file | rows |
|---|---|
{tables}

## What protects the people in it

No row has a name, a number or anything else that leads to a person or joins two tables.
{_coarse(levels)} Everything is told at the same levels in every table.

Each group of rows that look alike is of at least {check.k} people. Smaller groups are left out. People who
came since an earlier version with fewer than {check.k} others wait for a later one.

| table | people in the smallest group | people left out |
|---|---|---|
{groups}

Where all of a group would say the same of a plan, that column is empty. Answers are counted, question by
question, and never joined with each other.

## What remains

- Who knows already what a plan was about may recognise its row, and read its state there.
- A later version shows what changed in a group, though not for whom.
- These are the words of those who answered. Twenty people do not carry a percentage: mind the size of
  every group before you compare two.
"""
