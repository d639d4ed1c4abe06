"""EventBridge Scheduler on the world's clock: each minute what is due is sent, with the rights of the schedule's role."""

import json
from typing import Any

from . import agenda, clock
from .patches import patch, silent, speaks
from .rights import role_may

SCHEDULER = "ministack.services.scheduler"
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"


@patch(
    of=f"{SCHEDULER}.time",
    lacks="has no clock but the machine's (Scheduler)",
    still=speaks(f"{SCHEDULER}._tick_schedules", "time.time()"),
)
def schedule_by_the_worlds_clock(_original: Any) -> Any:
    """Rates count from a schedule's creation in the world."""
    return clock.WorldTime()


@patch(
    of=f"{SCHEDULER}.start_scheduler",
    lacks="looks for what is due whenever its own thread comes to it",
    still=speaks(f"{SCHEDULER}.start_scheduler", "threading.Thread"),
)
def look_each_minute(_original: Any) -> Any:
    """`look` does, each minute of the world."""
    return lambda: None


@agenda.each_minute(8)
def look() -> None:
    """What is due by now is sent."""
    from ministack.services import scheduler

    agenda.tell(scheduler._tick_schedules)


@patch(
    of="ministack.services.eventbridge.start_scheduler",
    lacks="starts rules with a schedule by the machine's clock; none is here",
    still=speaks("ministack.services.eventbridge.start_scheduler", "threading.Thread"),
)
def start_no_rules(_original: Any) -> Any:
    """The product schedules with Scheduler alone."""
    return lambda: None


@patch(
    of="ministack.services.eventbridge._invoke_target",
    lacks="sends what a schedule says without its role's leave, and no time in place of its attribute",
    still=silent("ministack.services.eventbridge._invoke_target", "scheduled-time"),
)
def send_with_the_schedules_role(original: Any) -> Any:
    """A schedule's message reaches a queue that its role may send to."""

    def invoke_target(target: dict[str, Any], event: Any, rule: Any, view: Any = None) -> None:
        if not rule.get("ScheduleExpression") or ":scheduler:" not in rule.get("Arn", ""):
            original(target, event, rule, view)
        elif role_may(str(target.get("RoleArn")), "sqs:SendMessage", target["Arn"]):
            _send(target)

    return invoke_target


def _send(target: dict[str, Any]) -> None:
    from ministack.core.arn import parse_arn
    from ministack.services import eventbridge

    told = str(target.get("Input") or json.dumps({})).replace(SCHEDULED_TIME, clock.iso())
    eventbridge._dispatch_to_sqs(parse_arn(target["Arn"]), told, target.get("SqsParameters"))
