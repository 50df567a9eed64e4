"""What is wrong, for rules that their kind alone does not explain. The numbers are those of the ruleset."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

_PERCENT_EACH = _l("Where several are given, each needs a percentage.")
_PERCENT_ALONE = _l("Of one alone the percentage is 100, or left out.")
_DAC_AID = _l("Give the aid type of the OECD DAC list (vocabulary 1) too.")
_ONE_AID = _l("One aid type of each vocabulary is enough.")
_ONE_LEVEL = _l("Countries and regions are given for the activity or for all transactions, not for both.")
_NO_COUNTRY = _l("Neither the activity nor all its transactions say which country or region they are for.")
_NOT_A_NUMBER = _l("The value is not a number. Write it like 12.5, without a comma.")
_QUALITATIVE = _l("A qualitative indicator has no value. Write it as a comment.")

_BROKEN = {
    "2.1.1": _PERCENT_EACH,
    "3.1.1": _PERCENT_EACH,
    "3.4.1": _PERCENT_EACH,
    "2.1.2": _PERCENT_EACH,
    "3.1.2": _PERCENT_EACH,
    "3.4.2": _PERCENT_EACH,
    "7.9.2": _PERCENT_EACH,
    "2.1.4": _PERCENT_ALONE,
    "3.1.4": _PERCENT_ALONE,
    "3.4.4": _PERCENT_ALONE,
    "7.9.4": _PERCENT_ALONE,
    "2.2.1": _l("A sector of the organisation's own (vocabulary 98 or 99) needs its name in words."),
    "102.1.1": _l("Give the sector of the OECD DAC list (vocabulary 1) too."),
    "107.1.1": _DAC_AID,
    "107.2.1": _DAC_AID,
    "107.1.2": _ONE_AID,
    "107.2.2": _ONE_AID,
    "6.6.2": _l("Sectors are given for the activity or for all transactions, not for both."),
    "6.7.2": _l("This transaction has no sector. Without one of the activity, each needs its own."),
    "3.6.2": _ONE_LEVEL,
    "3.7.1": _NO_COUNTRY,
    "3.7.2": _NO_COUNTRY,
    "4.1.1": _l(
        "The activity says no language, so each text has to say its own (xml:lang). This one does not."
    ),
    "7.8.1": _l("The activity says no currency, so each amount has to say its own. This one does not."),
    "7.5.3": _l("A budget is for one year at most."),
    "8.11.1": _l("A reference is given for the result or for its indicator, not for both."),
    "8.8.2": _NOT_A_NUMBER,
    "8.9.2": _NOT_A_NUMBER,
    "8.10.2": _NOT_A_NUMBER,
    "8.8.3": _QUALITATIVE,
    "8.9.3": _QUALITATIVE,
    "8.10.3": _QUALITATIVE,
}
_NAMELESS = _l("The organisation has neither an identifier nor a name.")
_NO_VALUE = _l("This indicator is measured in numbers, and here is none.")
_MISSING = {
    "6.11.1": _l("The activity has neither a planned nor an actual start."),
    "6.2.2": _l("The activity has no sector, and neither have its transactions."),
    "6.8.1": _NAMELESS,
    "6.9.1": _NAMELESS,
    "6.9.2": _NAMELESS,
    "6.10.1": _NAMELESS,
    "6.14.1": _l("A policy marker of the OECD DAC needs its significance."),
    "6.13.1": _l("A policy marker of the organisation's own (vocabulary 99) needs its name in words."),
    "7.9.1": _PERCENT_EACH,
    "8.8.1": _NO_VALUE,
    "8.9.1": _NO_VALUE,
    "8.10.1": _NO_VALUE,
    "4.3.1": _l("The title has no words."),
    "4.4.1": _l("The description has no words."),
}


def broken(rule: str) -> str:
    return str(_BROKEN.get(rule) or _("A rule of the standard is broken here."))


def missing(rule: str) -> str:
    return str(_MISSING.get(rule) or _("Something that the standard asks for is missing here."))
