"""Answers counted by question and wording, their codebook, and what plans add to indicators. No writes."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from trainingapp.datasets import queries
from trainingapp.datasets.anonymity import NOBODY, Group, Kept, Shown
from trainingapp.datasets.tables import Cell, Chosen
from trainingapp.feedback.results.chart_kinds import CHARTS
from trainingapp.followups.models import Wave
from trainingapp.spreadsheets.writing import harmless
from trainingapp.surveys.models import Question
from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.wording import text_in


def counted(waves: Sequence[tuple[int, Wave]], shown: Shown, k: int) -> tuple[list[Chosen], list[list[Cell]]]:
    """Answers, and the codebook of what was asked."""
    kinds = [kind for kind, chart in CHARTS.items() if chart.has_groups]
    asked = queries.questions({wave.survey_version_id for _year, wave in waves}, kinds)
    wordings = _wordings(asked)
    of = {int(row.facts[0]): group for group, rows in shown.items() for row in rows}
    values: dict[tuple[Group, str, int], Counter[str]] = defaultdict(Counter)
    people: Counter[tuple[Group, str, int]] = Counter()
    for _year, wave in waves:
        here: dict[int, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for response, question_id, choice in queries.answers(wave, asked):
            if response in of:
                here[question_id][response].append(choice)
        for question_id, given in here.items():
            if len(given) >= k:  # of each wave by itself, as its page says it
                for response, choices in given.items():
                    key = (of[response], *wordings[question_id])
                    people[key] += 1
                    values[key].update(choices)
    found = [
        Chosen(*key, value, count, people[key])
        for key, counter in values.items()
        if len(counter) > 1  # what all say says it of each
        for value, count in counter.items()
    ]
    return found, _codebook(asked, wordings, found)


def _wordings(asked: Sequence[Question]) -> dict[int, tuple[str, int]]:
    """Question -> its key, and which wording of it: the same words and options have the same number."""
    seen: dict[str, list[str]] = defaultdict(list)
    found = {}
    for question in asked:
        words = json.dumps([question.wording, question.options], sort_keys=True)
        if words not in seen[question.key]:
            seen[question.key].append(words)
        found[question.id] = (question.key, seen[question.key].index(words) + 1)
    return found


def _codebook(
    asked: Sequence[Question], wordings: Mapping[int, tuple[str, int]], found: Sequence[Chosen]
) -> list[list[Cell]]:
    told = {(one.question, one.wording) for one in found}
    rows: dict[tuple[str, int, str], list[Cell]] = {}
    for question in asked:
        key = wordings[question.id]
        if key not in told:
            continue
        kind = QUESTION_TYPES[question.kind]
        labels = {one.value: one.text for one in kind.options(question, Asked("en"))}
        given = {one.value for one in found if (one.question, one.wording) == key}
        several = "true" if CHARTS[question.kind].has_several else "false"
        text = text_in(question.wording, "en")
        for value in [*labels, *sorted(given - set(labels))]:
            label = labels.get(value, value)
            rows.setdefault(
                (*key, value), [*key, harmless(text), several, question.level.value, value, harmless(label)]
            )
    return list(rows.values())


def added_up(
    measured: Mapping[tuple[str, ...], Sequence[queries.Measured]], feeding: Kept, k: int
) -> list[list[Cell]]:
    told = {group[len(NOBODY) :]: {row.unit for row in rows} for group, rows in feeding.shown.items()}
    rows: list[list[Cell]] = []
    for key, found in measured.items():
        counted = [one for one in found if one.person in told.get(key, ())]
        changes = [one.value - one.baseline for one in counted if one.baseline is not None]
        if counted:
            change = _plain(sum(changes, Decimal(0))) if len(changes) >= k else ""
            actual = _plain(sum((one.value for one in counted), Decimal(0)))
            rows.append([*map(harmless, key), len(counted), actual, change])
    return rows


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
