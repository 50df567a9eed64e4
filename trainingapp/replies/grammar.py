"""How replies are put together: the vocabulary as patterns, over folded text. Pure; built once."""

import re

from trainingapp.replies import vocabulary
from trainingapp.replies.vocabulary import patterns, words

STATES = {name: re.compile(words("states", name)) for name in vocabulary.names("states")}
CAUSES = {name: re.compile(words("causes", name)) for name in vocabulary.names("causes")}
LABEL, ALSO, UP_TO = words("words", "label"), words("words", "join"), words("words", "to")
PERCENT = rf"(?:%|{words('words', 'percent')})"
SHARE = re.compile(rf"\(?(?<![\d.,/\-])(\d{{1,3}})\s*{PERCENT}\)?(?!\w)")
NUMBER = rf"(?<![\d.])\d{{1,2}}(?!\d|\.\d|\s*{PERCENT})"
JOIN = rf"(?:,\s*{ALSO}|,|&|\+|/|{ALSO})"
NUMBERS = rf"{NUMBER}(?:\s*(?:{JOIN}|-|{UP_TO})\s*(?:{LABEL}[\s.]*)?{NUMBER})*"
HEAD = re.compile(rf"[(\[*\-\s]*(?:{LABEL}[\s.:]*)?[#(]?\s*({NUMBERS})[\s)\].:=>*\-]*")
STEP = re.compile(rf"(?:(-|{UP_TO})\s*)?(?:{LABEL}[\s.]*)?(\d{{1,2}})")
FILLER = re.compile(words("words", "filler"))
SAME = re.compile(words("words", "same"))
ALL = re.compile(words("words", "all"))
EXCEPT = re.compile(rf"\s*{words('words', 'except')}\s*({NUMBERS})")
BECAUSE = re.compile(rf"\s*,?\s*{words('words', 'because')}\s+")
RECEIVER = re.compile(rf"\s*{words('words', 'receiver')}\s+")
BRACKET = re.compile(r"\s*\(([^()]*)\)")
COLON = re.compile(r"\s*:\s*(?=[^\s):(])|\s+-+\s*(?=\S)")
SMILE = re.compile(r"\s*[:;]-?[)D]")
SPACE = re.compile(r"\s*")
BLANK = re.compile(r"[\s.,;!*\-_:)]*")
CLOSES = re.compile(rf"\s*(?:[.;,!]|$)|\s+(?:&|\+|{ALSO})\s")
SENTENCE_ENDS = re.compile(r"[.!?]+(?=\s|$)|;")
MAY_END_NOTE = re.compile(rf"(?:[.!;]+\s+|;|,\s*)(?:{ALSO}\s+)?")
AND = re.compile(rf"(?:&|\+|{ALSO})\s*")
DOUBT = re.compile(words("words", "doubt"))
OVER = re.compile(words("words", "over"))
COURTESY = "|".join(patterns("courtesy", name) for name in ("open", "thanks", "close"))
POLITE = re.compile(
    rf"(?:(?:{COURTESY})(?:\s*[,.!;:]+\s*|\s*$)|{patterns('courtesy', 'close')}\W[^\d]{{0,60}}$)"
)
NAME = re.compile(r"(?:[^\W\d_][\w.'-]*\s*){1,4}")
WISHES = {
    name: re.compile(
        rf"(?:(?:{COURTESY})[\s,.!]*){{0,3}}{patterns('wishes', name)}(?:[\s,.!]*(?:{COURTESY})?){{0,3}}"
    )
    for name in vocabulary.names("wishes")
}


def states_in(flat: str) -> set[str]:
    return {name for name, pattern in STATES.items() if pattern.search(flat)}
