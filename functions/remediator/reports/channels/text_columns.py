"""Plain text in columns: wide characters count double, words and commands stay whole."""

import re
import unicodedata
from collections.abc import Iterable

WIDTH = 78
_PIECE = re.compile(
    r"[\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[^\s\u1100-\u115f\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]+|\s+"
)
_NOT_FIRST = "、。，．）」』】：；！？ーぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:)]}"
_NOT_LAST = "（「『【([{"


def columns(text: str) -> int:
    """How many columns a terminal or a mail in a fixed font needs."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, width: int) -> str:
    """`text` and blanks up to `width` columns, at least one."""
    return text + " " * max(1, width - columns(text))


def wrapped(text: str, first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """Lines of at most `width` columns where words allow; an ARN that is longer stands whole.

    Args:
        text: one paragraph.
        first: what the first line begins with.
        rest: what the other lines begin with.
        width: in columns.
    """
    lines, line = [], first
    for piece in _together(_PIECE.findall(text)):
        begins = line in (first, rest)
        if columns(line) + columns(piece.rstrip()) > width and not begins:
            lines.append(line.rstrip())
            line = rest
            begins = True
        if not (begins and piece.isspace()):
            line += piece
    return [*lines, line.rstrip()]


def _together(pieces: Iterable[str]) -> list[str]:
    """Pieces with the signs that must not begin or end a line joined to their neighbours."""
    joined: list[str] = []
    for piece in pieces:
        if joined and not joined[-1].isspace() and (piece[0] in _NOT_FIRST or joined[-1][-1] in _NOT_LAST):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def command_lines(words: tuple[str, ...], first: str = "", rest: str = "", width: int = WIDTH) -> list[str]:
    """A command that can be pasted: one line where it fits, else broken between its words with a backslash."""
    whole = first + " ".join(words)
    if columns(whole) <= width:
        return [whole]
    lines, line = [], first + words[0]
    for word in words[1:]:
        if columns(line) + columns(word) + 3 > width:
            lines.append(line + " \\")
            line = f"{rest}  {word}"
        else:
            line += f" {word}"
    return [*lines, line]
