"""Which language a comment is written in, told by its script and its small words. Pure, on the machine."""

import re
from collections.abc import Mapping

# The commonest words of each language that the others do not have: our own lists.
_SMALL = {
    "en": """
        the and of to is was were are in that we they it for with not have has had our my their there this
        but from at be been would could should more very can will who which when what because about after
        before than too only also as by an or if so into no nothing need you your them us he she his her its
        do does did one all some most many much i
        please thank thanks again got very
    """,
    "id": """
        yang dan di ke dari untuk dengan tidak ini itu kami saya kita mereka ada adalah akan sudah belum lebih
        sangat bisa dapat pada juga karena tetapi tapi atau oleh agar supaya sebagai dalam para lagi masih
        harus perlu mohon setelah sebelum banyak hanya saat ketika jika kalau bagi semua tolong kurang terlalu
        menjadi secara antara punya sekali terima kasih
    """,
    "fr": """
        le la les des du de et est dans pour avec pas nous vous ils elles une un que qui sur plus mais très ce
        cette ces sont était ont aux au par ne se son sa ses leur leurs notre nos mon ma mes il elle y en à
        être avoir fait faire trop peu aussi comme sans entre où donc tout tous faut faudrait encore après
        avant je j l d c qu n s merci
    """,
}
SMALL_WORDS: Mapping[str, frozenset[str]] = {code: frozenset(text.split()) for code, text in _SMALL.items()}
WORDS = re.compile(r"[^\W\d_]+")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
ENOUGH = 2  # small words that settle it
SHORT = 6  # words; in fewer one small word is enough


def language_of(text: str) -> str | None:
    """en, id, fr or fa_AF; None where nothing settles it."""
    words = WORDS.findall(text.lower())
    if not words:
        return None
    if sum(bool(_ARABIC.match(word)) for word in words) * 2 > len(words):
        return "fa_AF"
    counts = {code: sum(word in known for word in words) for code, known in SMALL_WORDS.items()}
    first, second, *_rest = sorted(counts.values(), reverse=True)
    if first > second and first >= (1 if len(words) < SHORT else ENOUGH):
        return max(counts, key=lambda code: counts[code])
    return None
