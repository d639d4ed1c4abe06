"""Rules that read texts by their words: the first that fits decides, so specific words stand before general ones.

Only plain searches for fixed words, no regular expression: the time is bounded by the length of the text alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..core.text import Text

LOOKED_AT_CHARS = 20_000  # AWS's own texts are under 2,000; what comes after that from elsewhere tells no more
SAME = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\t": " ", "\n": " ", "\r": " "})
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseRule(Generic[R]):
    """One rule.

    Attributes:
        any_of: it fits where any of these stands in the text; all in small letters.
        and_any_of: and any of these too, where there are any.
        none_of: and none of these.
        row: what the text tells then; None where it does not tell (words that look like more than they say).
        why: for people.
    """

    any_of: tuple[str, ...]
    and_any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    row: R
    why: Text

    def found(self, text: str) -> str:
        """The word that fits, empty where the rule does not. `text` is `plain` already."""
        word = next((word for word in self.any_of if word in text), "")
        if not word or (self.and_any_of and not any(other in text for other in self.and_any_of)):
            return ""
        return "" if any(other in text for other in self.none_of) else word


def plain(text: str) -> str:
    """`text` as the rules read it: small letters, straight quotes, one line, bounded."""
    return " ".join(text[:LOOKED_AT_CHARS].translate(SAME).lower().split())


def first(rules: Iterable[PhraseRule[R]], text: str) -> tuple[PhraseRule[R], str] | None:
    """The first rule that fits, and its word."""
    for rule in rules:
        if word := rule.found(text):
            return rule, word
    return None


def decided_by(text: str, word: str) -> str:
    """The deciding word as the text itself writes it."""
    at = text.translate(SAME).lower().find(word)
    return text[at : at + len(word)].strip(" :\"'(") if at >= 0 else word.strip(" :\"'(")
