"""What is wrong with what was published, whoever wrote the texts in it: leaks, markup that acts, signs that hide, lengths.

It looks at messages as SNS gets them, and knows nothing of how they were made.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from remediator.reports.channels.sns import Message

SNS_BYTES = 262_144  # Source: Amazon SNS, Publish: a message has at most 256 KiB
SUBJECT_CHARS = 100  # Source: Amazon SNS, Publish: ASCII, under 100 characters
SECTION_CHARS = 3_000  # Source: Slack, Block Kit, section block: text
PAGER_CHARS = 2_000  # ours: one value of the pager's JSON; an ARN has 1,600 at most
CODE = re.compile(r"```[^`]*```|`[^`\n]*`")
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff]"
)
PARTED = re.compile(
    "@\u200b|:\u200b//"
)  # the program's own zero-width space: it takes the meaning from a mention or a link
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
ACTS = (
    (re.compile(r"[<>]"), "an angle bracket"),
    (ENTITY, "a bare &"),
    (re.compile(r"@(?:here|channel|everyone|all)\b", re.IGNORECASE), "a mention"),
    (re.compile(r"\w://"), "a link"),
    (re.compile(r"\]\("), "a link"),
    (re.compile(r"~\S[^~\n]*\S~"), "struck text"),
    (re.compile(r"`"), "an open code span"),
)


def faults(messages: Iterable[Message], secrets: Iterable[str]) -> Iterator[str]:
    """Each thing that is wrong, in words."""
    for message in messages:
        whole = f"{message.subject}\n{message.message}\n{json.dumps(dict(message.attributes))}"
        plain = whole.replace("\\u", "")
        yield from (f"{message.topic}: the secret {s[:6]}... is shown" for s in secrets if s in plain)
        yield from _lengths(message)
        yield from _forms(message)


def _lengths(message: Message) -> Iterator[str]:
    size = len(message.message.encode("utf-8", "surrogatepass"))
    if size > SNS_BYTES:
        yield f"{message.topic}: {size} bytes"
    if not message.subject.isascii() or not message.subject.isprintable() or len(message.subject) >= SUBJECT_CHARS:
        yield f"{message.topic}: subject {message.subject!r}"
    if len(message.attributes) > 10 or any(len(v) > 256 for v in message.attributes.values()):
        yield f"{message.topic}: attributes {dict(message.attributes)}"


def _forms(message: Message) -> Iterator[str]:
    if not message.structured:
        body = json.loads(message.message)
        yield from (f"pager: {where}: {why}" for where, text in texts(body) for why in _hidden(text))
        yield from (f"pager: {where}: {len(text)} characters" for where, text in texts(body) if len(text) > PAGER_CHARS)
        return
    forms = json.loads(message.message)
    yield from (f"mail: {why}" for why in _hidden(forms["default"]))
    for where, text in texts(json.loads(forms["https"])):
        yield from (f"chat: {where}: {why}" for why in _chat(where, text))
    for where, text in texts(json.loads(forms.get("sqs", "{}"))):
        yield from (f"queue: {where}: {why}" for why in _hidden(text))


def _chat(where: str, text: str) -> Iterator[str]:
    if len(text) > SECTION_CHARS:
        yield f"{len(text)} characters"
    yield from _hidden(PARTED.sub("", text))
    if where.startswith(("content.title", "content.description", "content.nextSteps", "metadata.summary")):
        yield from (
            f"{what} outside of code: {_around(text, CODE, acts)!r}"
            for acts, what in ACTS
            if acts.search(CODE.sub("", text))
        )
        yield from (f"{what} in code" for acts, what in ACTS[:2] for code in CODE.findall(text) if acts.search(code))


def _around(text: str, code: re.Pattern[str], acts: re.Pattern[str]) -> str:
    bare = code.sub("", text)
    found = acts.search(bare)
    return bare[max(0, found.start() - 20) : found.end() + 20] if found else ""


def _hidden(text: str) -> Iterator[str]:
    found = HIDDEN.search(text)
    if found:
        yield f"holds {found[0]!r}"


def texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Each text within JSON values, with the path to it."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from texts(member, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list):
        for member in value:
            yield from texts(member, where)
