"""Where a text may be cut so that no sign that people see as one is cut in two.

It follows what matters of Unicode's extended grapheme clusters (UAX 29): marks on a letter, the two halves of a flag, an
emoji with its colour, joined emoji, the parts of a Hangul syllable, the voiced sound marks of half-width kana.
"""

import unicodedata
from typing import Final

LONGEST: Final = 32  # a sign of more parts is no sign; it is cut, so that the time is bounded
FLAGS_LOOKED_AT: Final = 2_000  # halves in a row; which half one is, its place in the row tells
JOINER: Final = "\u200d"


def before_a_sign(text: str, end: int) -> int:
    """The greatest place up to `end` at which no sign is cut in two, `end` itself where a sign has no end."""
    at = end
    while at > max(0, end - LONGEST) and _goes_on(text, at):
        at -= 1
    return end if _goes_on(text, at) else at


def _goes_on(text: str, at: int) -> bool:
    """Whether what stands at `at` belongs to the sign before it."""
    if not 0 < at < len(text) or text[at].isascii():
        return False
    here, before = text[at], text[at - 1]
    if here in (JOINER, "\uff9e", "\uff9f") or before == JOINER or "\U0001f3fb" <= here <= "\U0001f3ff":
        return True
    if "\u1160" <= here <= "\u11ff":
        return "\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return unicodedata.category(here).startswith("M") or (_half_a_flag(here) and _odd_flags_before(text, at))


def _half_a_flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _odd_flags_before(text: str, at: int) -> bool:
    start = at
    while start > max(0, at - FLAGS_LOOKED_AT) and _half_a_flag(text[start - 1]):
        start -= 1
    return (at - start) % 2 == 1
