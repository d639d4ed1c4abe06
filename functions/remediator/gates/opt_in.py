"""Gate: the opt-in tag of the resource that is written to."""

from dataclasses import dataclass

from ..core.evidence import Reading, Unchecked
from ..core.model import OPT_IN_TAG, Mode
from ..core.text import Text, same
from ..resources.kinds import tag_calls
from .answers import Ask, GateAnswer, Permit, Refusal, unknown
from .gate import Check, Gate, GateFacts, Given, resting_on

NAME = "opt_in"
_TITLE = Text("opt-in tag", "オプトインのタグ")


@dataclass(frozen=True, slots=True)
class OptInTag:
    """The tag as read, None where there is none, and the mode that it means for this incident."""

    said: str | None
    mode: Mode | None


TAG_READING: Given[OptInTag] = Given("opt-in tag", ", ".join(tag_calls()))


def opt_in(mode: Mode | None, said: str | None) -> GateAnswer:
    """The opt-in tag of the resource that is written to.

    Args:
        mode: the parsed tag; None where it is absent or not understood.
        said: the tag as read.
    """
    if mode == "auto":
        return Permit(NAME)
    if mode == "approve":
        return Ask(NAME, Text("tagged auto-remediation=approve", "タグが auto-remediation=approve です"))
    if mode is None and said:
        return Refusal(NAME, Text(f"tag value not understood: {said[:40]}", f"タグの値を解釈できません: {said[:40]}"))
    if mode is None:
        return Refusal(
            NAME,
            Text("not opted in (no auto-remediation tag)", "オプトインされていません（auto-remediation タグなし）"),
        )
    return Refusal(NAME, Text(f"tagged auto-remediation={mode}", f"タグが auto-remediation={mode} です"))


def answer(tag: Reading[OptInTag]) -> GateAnswer:
    """What the tag as read says to a change; one that could not be read asks a person."""
    try:
        read = tag.get()
    except Unchecked as gap:
        return unknown(NAME, str(gap))
    value = read.said or read.mode or "-"
    return resting_on(opt_in(read.mode, read.said), tag.fact(same(OPT_IN_TAG), value))


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    return (answer(facts.reading(TAG_READING)),)


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    checks=(
        Check(
            title=_TITLE,
            permits=Text(
                "the written resource is tagged `auto-remediation=auto`",
                "書き込み対象のリソースのタグが `auto-remediation=auto`",
            ),
            asks=Text("`approve`; the tag cannot be read", "`approve`、またはタグを読めない"),
            refuses=Text("any other value, none", "それ以外の値、タグなし"),
            read_from=tag_calls(),
        ),
    ),
)
