"""What gates ask of AWS: the switch and the owner's change calendars, as they are now."""

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import RemediatorError
from ..core.ports import Permission
from ..gates.answers import GateAnswer, unknown
from ..gates.change_freeze import FREEZE, freeze
from ..gates.kill_switch import kill_switch


def switch(runtime: Runtime) -> GateAnswer:
    """The gate of the kill switch as it stands now; it fails closed where it cannot be read, and says why."""
    name = runtime.settings.switch_parameter
    try:
        answer = AwsClient(runtime.clients, [Permission("ssm:GetParameter")]).call("ssm:GetParameter", Name=name)
        return kill_switch(str(answer["Parameter"]["Value"]))
    except KeyError:
        return kill_switch(None, "ssm:GetParameter answered without a value")
    except RemediatorError as error:
        return kill_switch(None, str(error))


def frozen(runtime: Runtime) -> tuple[GateAnswer, ...]:
    """The gate of the declared change calendars; no answer at all where none is declared.

    AWS takes several together: they are closed where one of them is. What cannot be read asks a person.
    """
    calendars = runtime.settings.freeze_calendars
    if not calendars:
        return ()
    door = AwsClient(runtime.clients, [Permission("ssm:GetCalendarState")])
    try:
        response = door.call("ssm:GetCalendarState", CalendarNames=list(calendars))
    except RemediatorError as error:
        return (unknown(FREEZE, str(error)),)
    return (freeze(str(response.get("State", "")), str(response.get("NextTransitionTime", ""))),)
