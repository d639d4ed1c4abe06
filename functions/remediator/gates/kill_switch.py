"""Gate: the kill switch in SSM Parameter Store; and its reader."""

from ..core.model import mode_from
from ..core.ports import Aws, Permission, Scope, reads
from ..core.text import Text, same
from .answers import Ask, GateAnswer, Permit, Refusal
from .gate import Check, Gate, GateFacts, resting_on

NAME = "kill_switch"
SWITCH_CHARS = 240  # ours: a reason is one sentence
_TITLE = Text("kill switch", "キルスイッチ")


def kill_switch(value: str | None, why: str = "") -> GateAnswer:
    """The switch of the whole deployment; unreadable or not understood means off (it fails closed).

    Args:
        value: the SSM parameter as read at the write, None where it could not be read.
        why: it could not be read.
    """
    mode = mode_from(value)
    if mode == "auto":
        return Permit(NAME)
    if mode == "approve":
        return Ask(NAME, Text("the switch is at approve", "スイッチが approve です"))
    if mode is None:
        text = f"unreadable: {why}"[:SWITCH_CHARS] if value is None else f"not understood: {value[:40]}"
        return Refusal(
            NAME,
            Text(f"the switch counts as off, it is {text}", f"スイッチが不明のため停止とみなします（{text}）"),
        )
    return Refusal(NAME, Text(f"the switch is at {mode}", f"スイッチが {mode} です"))


@reads(Permission("ssm:GetParameter"))
def switch_value(aws: Aws, scope: Scope) -> str:
    """The switch as it stands now."""
    response = aws.call("ssm:GetParameter", Name=scope.settings.switch_parameter)
    return str(response["Parameter"]["Value"])


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    read, name = facts.reading(switch_value), facts.settings.switch_parameter
    answer = kill_switch(read.value, read.gap or "")
    return (answer if read.value is None else resting_on(answer, read.fact(same(name), read.value[:40])),)


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    checks=(
        Check(
            title=_TITLE,
            permits=Text("`auto`", "`auto`"),
            asks=Text("`approve`", "`approve`"),
            refuses=Text("any other value, none, unreadable", "それ以外の値、値なし、読めない"),
            read_from=(switch_value.source,),
        ),
    ),
)
