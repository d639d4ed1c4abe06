"""`remediator explain`: what AWS's words mean, read on this machine alone; no account, no SDK."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

from ops.explain.error_codes import BY_ID
from ops.explain.explanation import Explained
from ops.explain.inputs import explain
from remediator.core.text import Language, Text
from remediator.redaction.redact import bounded, outside

from ..explain.pasted import Given, pasted

LINE_BYTES = 16 * 2**20  # a longer line of --jsonl is answered as unknown, and its rest passed over
TEXT_SHOWN_CHARS = 1_500
SHOWN_AT_MOST = 50

HEADS: Mapping[str, Text] = {
    "row": Text("row", "項目"),
    "why": Text("why", "理由"),
    "do": Text("do", "対応"),
    "sure": Text("sure if", "確認"),
    "look": Text("look", "コマンド"),
    "also": Text("or", "他の可能性"),
    "code": Text("code", "コード"),
    "text": Text("text", "本文"),
}
OUTCOMES: Mapping[str, Text] = {
    "ignore": Text("no incident: nothing is to be done", "インシデントではありません。対応は不要です"),
    "unknown": Text(
        "unknown: this alone does not tell; change nothing yet",
        "不明：これだけでは判断できません。まだ変更しないでください",
    ),
    "ok": Text(
        "ok: the policy lets the distribution read",
        "問題なし：ポリシーはディストリビューションの読み取りを許可しています",
    ),
    "incident": Text("incident", "インシデント"),
}
NOTHING = Text("", "")
NO_RUNBOOK = Text("(no runbook of it in this version)", "（このバージョンにはランブックがありません）")


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWords:
    """What the guide's runbooks say of one row."""

    title: Text
    advice: Text = NOTHING
    confirm: Text = NOTHING
    look: tuple[str, ...] = ()


def row_words(row: str) -> RowWords:
    """Title, advice and confirmation of a row, from its runbook; of a row without runbook, that it has none."""
    from remediator.problems import load_all  # noqa: PLC0415  # only people need their words

    for runbook in load_all():
        for cause in runbook.causes:
            if f"{runbook.id}.{cause.id}" == row:
                title = runbook.title + Text(": ", "：") + cause.title
                return RowWords(title=title, advice=cause.advice, confirm=cause.confirm, look=cause.look)
    return RowWords(title=NO_RUNBOOK)


def answers(text: str) -> tuple[tuple[Given, Explained], ...]:
    """What each thing in a pasted text tells."""
    return tuple((given, explain({given.shape: given.value})) for given in pasted(text)[:SHOWN_AT_MOST])


def in_words(text: str, language: Language) -> str:
    """The answers for people."""
    return "\n\n".join("\n".join(_lines(given, found, language)) for given, found in answers(text))


def as_json(text: str, language: Language) -> str:
    """The answers for programs: one object, or a list where several things were pasted."""
    found = [_object(given, answer, language) for given, answer in answers(text)]
    return json.dumps(found[0] if len(found) == 1 else found, ensure_ascii=False, indent=2)


def _lines(given: Given, explained: Explained, language: Language) -> Iterator[str]:
    words = row_words(explained.cause) if explained.cause else None
    head = f"{explained.cause}  {words.title.in_(language)}" if words else OUTCOMES[explained.outcome].in_(language)
    yield _line("row", head, language)
    yield _line("why", explained.because.in_(language), language)
    if words:
        yield from _advice(words, language)
    for row in explained.also:
        yield _line("also", f"{row}  {row_words(row).title.in_(language)}", language)
    if code := BY_ID.get(explained.code):
        said = f"{code.id}  {code.code}: {code.title.in_(language)}"
        yield _line("code", said, language)
        if not words or not words.advice.en:
            yield from _advice(
                RowWords(title=code.title, advice=code.advice, confirm=code.confirm, look=code.look), language
            )
    shown = bounded(explained.redacted, TEXT_SHOWN_CHARS)
    yield _line("text", f"[{given.shape}] {shown}".replace("\n", "\n  "), language)


def _advice(words: RowWords, language: Language) -> Iterator[str]:
    if words.advice.en:
        yield _line("do", words.advice.in_(language), language)
    if words.confirm.en:
        yield _line("sure", words.confirm.in_(language), language)
    for command in words.look:
        yield _line("look", f"$ {command}", language)


def _line(head: str, words: str, language: Language) -> str:
    name = HEADS[head].in_(language)
    wide = sum(2 if ord(c) > 0x2E80 else 1 for c in name)
    return name + " " * max(1, 11 - wide) + words


def _object(given: Given, explained: Explained, language: Language) -> dict[str, Any]:
    words = row_words(explained.cause) if explained.cause else RowWords(title=Text("", ""))
    code = BY_ID.get(explained.code)
    return {
        "shape": given.shape,
        "outcome": explained.outcome,
        "cause": explained.cause,
        "title": words.title.in_(language),
        "because": explained.because.in_(language),
        "advice": (words.advice if words.advice.en or not code else code.advice).in_(language),
        "confirm": (words.confirm if words.confirm.en or not code else code.confirm).in_(language),
        "look": list(words.look or (code.look if code else ())),
        "also": list(explained.also),
        "code": explained.code or None,
        "redacted": explained.redacted,
    }


def stream(source: BinaryIO, answers_to: TextIO, errors: TextIO) -> None:
    """Answers each `{"id", "input"}` line as soon as it is read; a line that is none is answered as unknown."""
    for number, line in enumerate(_read(source), 1):
        if not line.strip():
            continue
        answers_to.write(_answer(line, number, errors) + "\n")
        answers_to.flush()


def _read(source: BinaryIO) -> Iterator[bytes]:
    while line := source.readline(LINE_BYTES):
        whole = line.endswith(b"\n") or len(line) < LINE_BYTES
        if not whole:
            while (rest := source.readline(LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        yield line if whole else b"too long"


def _answer(line: bytes, number: int, errors: TextIO) -> str:
    try:
        parsed = json.loads(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        parsed = None
        errors.write(f"line {number}: no JSON: {outside(str(error), 120)}\n")
    if not isinstance(parsed, dict) or not isinstance(parsed.get("input"), dict):
        if parsed is not None:
            errors.write(f"line {number}: no object with id and input\n")
        id_ = parsed.get("id") if isinstance(parsed, dict) else None
        return json.dumps({"id": id_, "outcome": "unknown", "cause": None, "redacted": ""})
    answer = explain(parsed["input"])
    kept = {"id": parsed.get("id"), "outcome": answer.outcome, "cause": answer.cause, "redacted": answer.redacted}
    return json.dumps(kept)


def read(source: str) -> str:
    """The text of a file, or of standard input for `-`; bytes that are no UTF-8 are replaced.

    Raises:
        OSError: the file cannot be read.
    """
    if source == "-":
        return sys.stdin.buffer.read(LINE_BYTES).decode("utf-8", "replace")
    with open(source, "rb") as file:  # noqa: PTH123  # read is bounded
        return file.read(LINE_BYTES).decode("utf-8", "replace")
