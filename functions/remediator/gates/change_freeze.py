"""Gate: change freeze by SSM Change Calendar."""

from ..core.text import Text
from .answers import GateAnswer, Permit, Refusal, unknown

FREEZE = "freeze"


def freeze(state: str, until: str) -> GateAnswer:
    """The owner's change calendars, taken together: a closed one refuses, a word that is none of AWS's asks.

    Args:
        state: as SSM GetCalendarState tells it, `OPEN` or `CLOSED`.
        until: when that changes, ISO 8601; empty where nothing is planned.
    """
    if state == "OPEN":
        return Permit(FREEZE)
    if state == "CLOSED":
        end = Text(f" until {until[:40]}", f"（{until[:40]} まで）") if until else Text("", "")
        return Refusal(FREEZE, Text("the change calendar is closed", "変更カレンダーがクローズ中です") + end)
    return unknown(FREEZE, f"the calendar's state is {state[:40] or 'missing'}")
