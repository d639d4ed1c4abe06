"""What gates ask of AWS: the switch and the owner's change calendars, as they are now."""

from ..aws.client import Door
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.ports import Permission
from ..gates.answers import Answer, unknown
from ..gates.change_freeze import FREEZE, freeze
from ..gates.kill_switch import kill_switch


def switch(runtime: Runtime) -> Answer:
    """The gate of the kill switch as it stands now; it fails closed where it cannot be read, and says why."""
    name = runtime.settings.switch_parameter
    try:
        answer = Door(runtime.clients, [Permission("ssm:GetParameter")]).call("ssm:GetParameter", Name=name)
        return kill_switch(str(answer["Parameter"]["Value"]))
    except KeyError:
        return kill_switch(None, "ssm:GetParameter answered without a value")
    except RemediatorError as error:
        return kill_switch(None, str(error))


def frozen(runtime: Runtime) -> tuple[Answer, ...]:
    """The gate of the declared change calendars; no answer at all where none is declared.

    AWS takes several together: they are closed where one of them is. What cannot be read asks a person.
    """
    calendars = runtime.settings.freeze_calendars
    if not calendars:
        return ()
    door = Door(runtime.clients, [Permission("ssm:GetCalendarState")])
    try:
        told = door.call("ssm:GetCalendarState", CalendarNames=list(calendars))
    except RemediatorError as error:
        return (unknown(FREEZE, str(error)),)
    return (freeze(str(told.get("State", "")), str(told.get("NextTransitionTime", ""))),)
