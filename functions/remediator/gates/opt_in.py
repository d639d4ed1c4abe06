"""Gate: the opt-in tag of the resource that is written to."""

from ..core.model import Mode
from ..core.text import Text
from .answers import Ask, GateAnswer, Permit, Refusal

OPTED_IN = "opted_in"


def opted_in(mode: Mode | None, said: str | None) -> GateAnswer:
    """The opt-in tag of the resource that is written to.

    Args:
        mode: the parsed tag; None where it is absent or not understood.
        said: the tag as read.
    """
    if mode == "auto":
        return Permit(OPTED_IN)
    if mode == "approve":
        return Ask(OPTED_IN, Text("tagged auto-remediation=approve", "タグが auto-remediation=approve です"))
    if mode is None and said:
        return Refusal(
            OPTED_IN, Text(f"tag value not understood: {said[:40]}", f"タグの値を解釈できません: {said[:40]}")
        )
    if mode is None:
        return Refusal(
            OPTED_IN,
            Text("not opted in (no auto-remediation tag)", "オプトインされていません（auto-remediation タグなし）"),
        )
    return Refusal(OPTED_IN, Text(f"tagged auto-remediation={mode}", f"タグが auto-remediation={mode} です"))
