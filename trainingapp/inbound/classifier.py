"""What a returned mail is. Pure: bytes in, a verdict out, no database; it never fails on any bytes.

The order matters. A report made for machines is believed before words; a complaint before all. A server that
says "undeliverable" is believed before an Auto-Submitted header, which servers and absent people both write;
a subject such as "out of office" is believed before a body that merely quotes "user unknown".
"""

from dataclasses import dataclass

from trainingapp.inbound import notices, phrases, reading, replies, reports
from trainingapp.inbound.reading import Letter
from trainingapp.inbound.reports import Fate
from trainingapp.inbound.verdicts import WORST_FIRST, Kind, code_in, judge, plain

EXCERPT = 500  # characters
NEAR = 20  # characters from its start a subject says what it is; further on it quotes ours


@dataclass(frozen=True)
class Verdict:
    kind: Kind
    recipients: tuple[str, ...] = ()
    code: str | None = None
    words: str = ""  # the server's or the machine's own
    arrived: bool = False  # a success notice: evidence that the message was taken
    delayed: bool = False  # still being tried
    is_report: bool = False  # what it says comes from a server, not from a person's program


def classify(raw: bytes) -> Verdict:
    return judged(reading.read(raw))


def judged(letter: Letter) -> Verdict:
    for look in (_complaint, _receipt, _report, _notice, _reply):
        verdict = look(letter)
        if verdict:
            return verdict
    return Verdict(Kind.NONE)


def _complaint(letter: Letter) -> Verdict | None:
    if reports.complained(letter):
        who = tuple(reports.complainants(letter))
        return Verdict(Kind.COMPLAINT, who, words=_excerpt(letter.words), is_report=True)
    if letter.feedback is not None:  # about signatures, or "not spam"
        return Verdict(Kind.NONE, words=_excerpt(letter.words), is_report=True)
    return None


def _receipt(letter: Letter) -> Verdict | None:
    """Dovecot refuses mail in the form of a receipt; that is a notice."""
    is_refusal = "automatically rejected" in letter.words[:2000].lower()
    if letter.notification is not None and not letter.groups and not is_refusal:
        return Verdict(Kind.AUTO, words=_excerpt(letter.words), is_report=True)
    if replies.is_challenge(letter):
        return Verdict(Kind.AUTO, words=_excerpt(letter.words))
    return None


def _report(letter: Letter) -> Verdict | None:
    is_returned = notices.is_returned(letter)
    groups = letter.groups if is_returned or notices.may_report(letter) else []
    if is_returned and not groups:
        groups = reading.groups_in(letter.words)
    fates = reports.fates(groups, letter.words)
    if fates:
        return _of_fates(fates, letter)
    if is_returned and letter.inner is not None and letter.inner.get_content_type() == "multipart/report":
        return _report(reading.letter_of(letter.inner))  # a gateway has wrapped it once more
    return None


def _notice(letter: Letter) -> Verdict | None:
    if not notices.is_returned(letter) or _answers_first(letter):
        return None
    subject = letter.header("subject")
    named = tuple(notices.recipients(letter))
    said, is_late = _telling(letter.words, named), _is_only_late(letter)
    code = code_in(said)
    kind = judge(code, said) or judge(code, f"{subject}\n{said}")
    if kind is None and not is_late and not notices.is_plain(letter, named):
        return None
    if kind is None or is_late:
        kind = Kind.SOFT if is_late or (code or "").startswith("4") else Kind.HARD
    return Verdict(kind, named, code, _excerpt(letter.words or subject), delayed=is_late, is_report=True)


def _telling(words: str, named: tuple[str, ...]) -> str:
    """What it says of the one who fared worst, where it speaks of each apart; else all it says."""
    found = notices.apart(words, named)
    kinds = {part: judge(code_in(part), part) for part in found}
    ranks = {part: WORST_FIRST.index(kind) for part, kind in kinds.items() if kind is not None}
    return min(found, key=lambda part: ranks[part]) if found and len(ranks) == len(kinds) else words


def _reply(letter: Letter) -> Verdict | None:
    if replies.says_so(letter) or replies.words_say_so(letter):
        return Verdict(Kind.AUTO, words=_excerpt(letter.words))
    return None


def _answers_first(letter: Letter) -> bool:
    """Its subject begins as an automatic reply, and does not merely end with one that came back."""
    answers, returns = replies.subject_says_so_at(letter), notices.subject_says_so_at(letter)
    if "x-failed-recipients" in letter.headers:
        return False
    if answers is None:
        return returns is None and code_in(letter.words) is None and replies.words_say_so(letter)
    return returns is None or answers < min(returns, NEAR)


def _of_fates(fates: list[Fate], letter: Letter) -> Verdict:
    """Of several recipients the worst counts, with those who failed; one who was reached is not named."""
    missed = [fate for fate in fates if fate.action == "failed"] or [
        fate for fate in fates if fate.action == "delayed"
    ]
    if not missed:
        return Verdict(
            Kind.NONE, _named(fates), fates[0].code, _excerpt(fates[0].words), arrived=True, is_report=True
        )
    kinds = {fate: _definite(fate) for fate in missed}
    worst = min(missed, key=lambda fate: WORST_FIRST.index(kinds[fate]))
    named = _named(missed) or tuple(notices.recipients(letter))
    words = worst.words or _excerpt(letter.words)
    return Verdict(
        kinds[worst], named, worst.code, _excerpt(words), delayed=worst.action == "delayed", is_report=True
    )


def _definite(fate: Fate) -> Kind:
    if fate.kind is not None and fate.kind in WORST_FIRST:
        return fate.kind
    return Kind.SOFT if (fate.code or "").startswith("4") else Kind.HARD


def _named(fates: list[Fate]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fate.address for fate in fates if fate.address))


def _is_only_late(letter: Letter) -> bool:
    head = plain(f"{letter.header('subject')} {letter.words[:1500]}")
    return phrases.DELAYED.search(head) is not None


def _excerpt(words: str) -> str:
    return " ".join(words.split())[:EXCERPT]
