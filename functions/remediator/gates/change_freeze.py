"""Gate: change freeze by SSM Change Calendar; and its reader."""

from dataclasses import dataclass

from ..core.ports import Aws, Permission, Scope, reads
from ..core.text import Text, same
from .answers import GateAnswer, Permit, Refusal, unknown
from .gate import FIXES_AND_RECOVERIES, Check, Gate, GateFacts, resting_on

NAME = "change_freeze"
_TITLE = Text("change freeze", "変更凍結")


@dataclass(frozen=True, slots=True)
class CalendarState:
    """The declared calendars, taken together, as SSM GetCalendarState tells it: `OPEN` or `CLOSED`, and until when."""

    state: str
    until: str = ""


def change_freeze(state: str, until: str) -> GateAnswer:
    """The owner's change calendars, taken together: a closed one refuses, a word that is none of AWS's asks.

    Args:
        state: as SSM GetCalendarState tells it, `OPEN` or `CLOSED`.
        until: when that changes, ISO 8601; empty where nothing is planned.
    """
    if state == "OPEN":
        return Permit(NAME)
    if state == "CLOSED":
        end = Text(f" until {until[:40]}", f"（{until[:40]} まで）") if until else Text("", "")
        return Refusal(NAME, Text("the change calendar is closed", "変更カレンダーがクローズ中です") + end)
    return unknown(NAME, f"the calendar's state is {state[:40] or 'missing'}")


@reads(Permission("ssm:GetCalendarState"))
def calendar_state(aws: Aws, scope: Scope) -> CalendarState:
    """The declared calendars; AWS takes several together: they are closed where one of them is."""
    response = aws.call("ssm:GetCalendarState", CalendarNames=list(scope.settings.freeze_calendars))
    return CalendarState(str(response.get("State", "")), str(response.get("NextTransitionTime", "")))


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    """No answer at all where no calendar is declared."""
    calendars = facts.settings.freeze_calendars
    if not calendars:
        return ()
    found = facts.get(calendar_state)
    read = facts.reading(calendar_state).fact(same(", ".join(calendars)[:60]), found.state[:40])
    return (resting_on(change_freeze(found.state, found.until), read),)


GATE = Gate(
    name=NAME,
    title=_TITLE,
    judge=_judge,
    asked_of=FIXES_AND_RECOVERIES,
    silent=Text(
        "no change calendar is declared (freeze_calendars)", "変更カレンダーが宣言されていません（freeze_calendars）"
    ),
    checks=(
        Check(
            title=_TITLE,
            permits=Text("no declared calendar is closed", "宣言したカレンダーがいずれもクローズ中でない"),
            asks=Text("the state cannot be read", "状態を読めない"),
            refuses=Text("closed", "クローズ中"),
            read_from=(calendar_state.source,),
        ),
    ),
)
