"""What pyxform says in its words, and the same in ours."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _


@dataclass(frozen=True)
class Said:
    """A reason, and what tells its place where pyxform does not."""

    reason: str
    what: str = ""  # what pyxform names, and we look for
    column: str | None = None
    row: int | None = None
    asks: frozenset[str] = frozenset()  # sorts of types: the first question of one of these is meant


def said(text: str) -> Said | None:
    """None where pyxform has a saying of its own that we do not know."""
    for pattern, say in _SAYINGS:
        if found := re.search(pattern, text):
            return say(*((group or "")[:200] for group in found.groups()))
    return None


_CHOOSING = frozenset({"one_of", "many_of", "ranking", "begin"})


def _no_sheet(alike: str) -> Said:
    """`alike` are the sheets whose names are close."""
    if alike:
        return Said(_("There is no sheet called “survey”. Rename %(names)s if that is the one.", names=alike))
    return Said(_("There is no sheet called “survey”: the questions stand there."))


def _no_choices(external: str) -> Said:
    name = f"{external}choices"
    return Said(
        _("It takes its choices from a list, and the form has no sheet “%(name)s”.", name=name),
        column="type",
        asks=frozenset({"external"}) if external else _CHOOSING,
    )


def _unknown(word: str) -> Said:
    return Said(_("“%(word)s” is not a type of question.", word=word), word, "type")


_SAYINGS: list[tuple[str, Callable[..., Said]]] = [
    (r"must have a sheet named 'survey'(?:.* were found: (.*?)\.)?", _no_sheet),
    (
        r"Names must begin with a letter or underscore()",
        lambda _no: Said(
            _("A name begins with a letter and has only letters, figures, and the signs _ - and . in it."),
            column="name",
        ),
    ),
    (
        r"Could not find the name '([^']*)'",
        lambda name: Said(_("It asks for “%(name)s”, and no question has this name.", name=name), name),
    ),
    (
        r"The name '([^']*)' appears more than once",
        lambda name: Said(
            _("It asks for “%(name)s”, and several questions have this name.", name=name), name
        ),
    ),
    (
        r"Reference variables must start with()",
        lambda _no: Said(_("The name of a question stands between ${ and }, with nothing else.")),
    ),
    (
        r"must be unique within their nearest parent()",
        lambda _no: Said(_("Another question of the same group has this name."), column="name"),
    ),
    (r"Unknown question type '([^']*)'", _unknown),
    (
        r"'itemset' and 'list_name' must not both()",
        lambda _no: Said(_("It does not say from which list it takes its choices."), "rank", "type"),
    ),
    (r"Question with no type()", lambda _no: Said(_("This question has no type."), column="type")),
    (r"Question or group with no name()", lambda _no: Said(_("This question has no name."), column="name")),
    (
        r"Unmatched 'end_(\w+)'",
        lambda _word: Said(_("Here a group or repeat ends that was not begun."), column="type"),
    ),
    (
        r"Unmatched 'begin_(\w+)'",
        lambda _word: Said(_("Here a group or repeat begins that does not end."), column="type"),
    ),
    (
        r"List name not in (?:external choices|choices|columns) sheet: (\S+)",
        lambda name: Said(_("The sheet of choices has no list “%(name)s”.", name=name), name, "type"),
    ),
    (r"There should be an? (external_)?choices sheet", _no_choices),
    (
        r"section has not been included()",
        lambda _no: Said(
            _("It takes in another form: copy the questions of that form to this place."), "include", "type"
        ),
    ),
    (
        r"Badly formatted table list()",
        lambda _no: Said(_("All questions of a table-list take their choices from one list."), column="type"),
    ),
    (
        r"The name '([^']*)' is reserved",
        lambda name: Said(
            _("“%(name)s” means something else to forms. Choose another name.", name=name), name
        ),
    ),
    (
        r"can't be used as a calculation trigger for question \$\{([^{}]+)\}",
        lambda name: Said(_("The trigger is a question that nobody sees."), name, "trigger"),
    ),
    (
        r"the parameter '(\w+)' must be a number",
        lambda name: Said(_("“%(name)s” is a number.", name=name), column="parameters"),
    ),
    (
        r"(Parameter '\w+' has .*)",
        lambda why: Said(
            _("pyxform does not take this for a valid form: %(reason)s", reason=why), column="parameters"
        ),
    ),
    (
        r"Choice names must be unique()",
        lambda _no: Said(_("Another choice of the same list has this name."), column="name"),
    ),
    (r"Choices must have a name()", lambda _no: Said(_("This choice has no name."), column="name")),
    (
        r"Choice names with spaces.*See \[(.*?)\] in",
        lambda name: Said(
            _("Where several may be chosen, the name of a choice is one word: write it without spaces."), name
        ),
    ),
    (r"Missing calculation()", lambda _no: Said(_("There is nothing to calculate."), column="calculation")),
    (
        r"Duplicate column header: (.*)",
        lambda name: Said(_("The heading “%(name)s” stands there twice.", name=name), name),
    ),
    (
        r"different names for the same column were found: '([^']*)', '([^']*)'",
        lambda one, other: Said(
            _("The columns “%(one)s” and “%(other)s” mean the same. Remove one.", one=one, other=other),
            one,
            other,
        ),
    ),
    (
        r"required column headers were not found: (.*?)\.",
        lambda names: Said(
            _(
                "These columns are missing in the first row: %(names)s. The headings stand there, with "
                "nothing above them.",
                names=names.replace("'", ""),
            ),
            row=1,
        ),
    ),
    (
        r"named '([^']*)' has no label",
        lambda name: Said(_("This question has no label."), name, "name"),
    ),
    (
        r"Choice filter not supported with or_other()",
        lambda _no: Said(_("or_other and a choice filter do not go together."), column="choice_filter"),
    ),
    (
        r"Parameters must be in the form()",
        lambda _no: Said(_("Parameters are written like start=1 end=5."), column="parameters"),
    ),
    (
        r"accepted parameter keys for this question type are '([^']*)'",
        lambda names: Said(_("This type of question knows only these parameters: %(names)s.", names=names)),
    ),
    (
        r"There (?:has been|are) .*? (?:dependency|circular|cycle)(.*)",
        lambda _no: Said(_("Questions wait for each other in a circle.")),
    ),
    (r"^nested$()", lambda _no: Said(_("The form is too large or nested too deeply."))),
]
