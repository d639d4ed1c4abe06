"""Parts of sentences: outside text made fit to stand in one, durations, full stops."""

from ..core.text import Text, same
from ..redaction.redact import bounded, outside

VALUE_CHARS = 300
COMMAND_CHARS = 22_000  # a cut command is worse than a long one; a bucket policy has 20 KB at most
SENTENCE_CHARS = 600
LABEL_CHARS = 120


def told(text: str, limit: int = VALUE_CHARS) -> str:
    """Outside text as one line of at most `limit` characters: it cannot pretend to be lines of the report."""
    return bounded(" ".join(outside(text, 4 * limit).split()), limit)


def indented(line: str) -> str:
    """Outside text is one line without its margin; a stack trace is read by its margin."""
    margin = len(line) - len(line.lstrip(" \t"))
    return " " * min(margin, 8) + told(line, SENTENCE_CHARS)


def told_text(text: Text, limit: int = SENTENCE_CHARS) -> Text:
    """The same for a statement that may hold outside text."""
    return Text(told(text.en, limit), told(text.ja, limit))


def clause(text: Text) -> Text:
    """`text` without its full stop, to stand within a sentence."""
    return Text(text.en.rstrip(". "), text.ja.rstrip("。. "))


def sentence(text: Text) -> Text:
    """`text` with a full stop."""
    cut = clause(text)
    return Text(
        text.en if text.en.endswith(("!", "?", ":", "…")) else f"{cut.en}.",
        text.ja if text.ja.endswith(("!", "?", ":", "…", "？")) else f"{cut.ja}。",
    )


def spaced(*texts: Text) -> Text:
    """Sentences one after the other."""
    return Text(" ".join(t.en for t in texts if t.en), "".join(t.ja for t in texts if t.ja))


def capital(text: Text) -> Text:
    """`text` as a sentence of its own begins."""
    return Text(text.en[:1].upper() + text.en[1:], text.ja)


def listed(texts: tuple[Text, ...]) -> Text:
    """The statements in one line, set apart so that values with commas stay whole."""
    return Text("; ".join(t.en for t in texts), "、".join(t.ja for t in texts))


def pair(label: Text, value: str) -> Text:
    """`label: value`."""
    return label + same(f": {value}")


def minutes(seconds: float) -> Text:
    """A duration for people, in minutes, at least one."""
    count = max(1, round(seconds / 60))
    return Text(f"{count} min", f"{count} 分")
