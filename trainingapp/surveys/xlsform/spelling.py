"""How each kind of question is said in the type column, and in those beside it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trainingapp.surveys.question_types import QUESTION_TYPES, Asked
from trainingapp.surveys.xlsform import own_columns
from trainingapp.surveys.xlsform.contents import Item, Texts

if TYPE_CHECKING:
    from trainingapp.surveys.xlsform.writing import Writer

Cells = dict[str, str]  # heading -> text
_DATES = {"date": "date", "time": "time", "datetime": "dateTime", "month": "date", "year": "date"}


def as_question(item: Item) -> Any:
    """A kind asks for no more than the options."""
    return item


_Word = tuple[str, Cells, dict[str, Any]]  # the type, further cells, what only our own column can say


def _simply(word: str) -> Callable[["Writer", Item], _Word]:
    return lambda _writer, item: (word, {}, {"options": item.options} if item.options else {})


def _own(word: str) -> Callable[["Writer", Item], _Word]:
    def own(_writer: "Writer", item: Item) -> _Word:
        return word, {own_columns.KIND: item.kind}, {"options": item.options} if item.options else {}

    return own


def _long(_writer: "Writer", _item: Item) -> _Word:
    return "text", {"parameters": "rows=5"}, {}


def _number(_writer: "Writer", item: Item) -> _Word:
    word = "decimal" if item.options.get("decimals") else "integer"
    return word, {}, {"options": item.options, "whole": True}


def _chosen(word: str) -> Callable[["Writer", Item], _Word]:
    def chosen(writer: "Writer", item: Item) -> _Word:
        listed = writer.list_of(item.key, item.options["choices"])
        rest = {name: part for name, part in item.options.items() if name not in {"choices", "other"}}
        other = item.options.get("other") and not item.choice_filter  # XLSForm has only one of the two
        if item.options.get("other") and not other:
            rest["other"] = True
        return f"{word} {listed}{' or_other' if other else ''}", {}, {"options": rest} if rest else {}

    return chosen


def _answered(writer: "Writer", item: Item) -> _Word:
    """Yes and no, in our own words."""
    kind = QUESTION_TYPES[item.kind]
    choices: dict[str, Texts] = {}
    for language in writer.form.languages:
        for option in kind.options(as_question(item), Asked(language)):
            choices.setdefault(option.value, {})[language] = option.text
    if not any(row["list_name"] == item.kind for row in writer.choices):
        writer.list_of(item.kind, [{"value": value, "text": texts} for value, texts in choices.items()])
    return f"select_one {item.kind}", {own_columns.KIND: item.kind}, {}


def _scale(writer: "Writer", item: Item) -> _Word:
    word, cells = writer.points(item)
    if item.appearance and "tick_labelset" in cells["parameters"]:  # XLSForm has only one of the two
        return word, {**cells, "appearance": ""}, {"appearance": item.appearance}
    return word, cells, {}


def _date(_writer: "Writer", item: Item) -> _Word:
    form = item.options.get("form") or "date"
    look = {"month": "month-year", "year": "year"}.get(form, "")
    return (
        _DATES[form],
        {"appearance": look} if look else {},
        {"options": item.options} if item.options else {},
    )


def _file(_writer: "Writer", item: Item) -> _Word:
    return ("image" if item.options.get("form") == "photo" else "file"), {}, {}


OF_KIND: dict[str, Callable[["Writer", Item], _Word]] = {
    "text": _simply("text"),
    "long_text": _long,
    "number": _number,
    "yes_no": _answered,
    "consent": _answered,
    "one_of": _chosen("select_one"),
    "many_of": _chosen("select_multiple"),
    "ranking": _chosen("rank"),
    "scale": _scale,
    "date": _date,
    "file": _file,
    "place": _simply("geopoint"),
    "country": _own("text"),
    "activities": _own("text"),
    "note": _simply("note"),
    "computed": _simply("calculate"),
}
