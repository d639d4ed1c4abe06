"""Gate: the kill switch in SSM Parameter Store."""

from ..core.model import mode_from
from ..core.text import Text
from .answers import Ask, GateAnswer, Permit, Refusal

KILL_SWITCH = "kill_switch"


SWITCH_CHARS = 240  # ours: a reason is one sentence


def kill_switch(value: str | None, why: str = "") -> GateAnswer:
    """The switch of the whole deployment; unreadable or not understood means off (it fails closed).

    Args:
        value: the SSM parameter as read at the write, None where it could not be read.
        why: it could not be read.
    """
    mode = mode_from(value)
    if mode == "auto":
        return Permit(KILL_SWITCH)
    if mode == "approve":
        return Ask(KILL_SWITCH, Text("the switch is at approve", "スイッチが approve です"))
    if mode is None:
        text = f"unreadable: {why}"[:SWITCH_CHARS] if value is None else f"not understood: {value[:40]}"
        return Refusal(
            KILL_SWITCH,
            Text(f"the switch counts as off, it is {text}", f"スイッチが不明のため停止とみなします（{text}）"),
        )
    return Refusal(KILL_SWITCH, Text(f"the switch is at {mode}", f"スイッチが {mode} です"))
