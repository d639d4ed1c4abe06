"""Words for people, always in both languages of the product."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "ja"]


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in English and in Japanese; the reader's channel picks one."""

    en: str
    ja: str

    def in_(self, language: Language) -> str:
        """The statement in `language`."""
        return self.ja if language == "ja" else self.en

    def __add__(self, other: "Text") -> "Text":
        return Text(self.en + other.en, self.ja + other.ja)


def same(words: str) -> Text:
    """What reads the same in every language: names, codes, commands, figures."""
    return Text(words, words)


def joined(texts: Iterable[Text]) -> Text:
    """The statements one after the other, as a list within a sentence."""
    listed = tuple(texts)
    return Text(", ".join(t.en for t in listed), "、".join(t.ja for t in listed))
