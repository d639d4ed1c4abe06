"""Stories of one trouble that several alarms tell of, and of two that only happen at the same time."""

from collections.abc import Callable

from remediator.core.text import Text

from .. import alarms
from .. import applications as programs
from ..laptop import Act, Laptop
from ..user_table import INDEX
from ..world import World
from . import Ending, Scenario

OUT_OF_MEMORY = "ecs_task_restarting.out_of_memory"
APPLICATION_FAILING = "alb_targets_unhealthy.application_failing"
UNAVAILABLE = "alb_gateway_errors.503"
WRONG_PATH = "alb_targets_unhealthy.wrong_path"
GRACE_S = 600  # ECS leaves tasks to their start: what ends them is memory alone
_ = INDEX


def _watched(world: World) -> None:
    """The portfolio with the stack's alarms on its targets and on its load balancer."""
    world.run_service(grace_s=GRACE_S)
    world.around.watch(alarms.targets_unhealthy(world.portfolio))
    world.around.watch(alarms.gateway_errors(world.portfolio, "503"))


def _stops_first(world: World) -> None:
    """Tasks are killed before any alarm has seen two bad minutes."""
    _watched(world)
    world.fall_ill(programs.LEAKS_BEFORE_READY)


def _alarm_first(world: World) -> None:
    """Tasks live long enough for the targets' alarm to come before the first stop."""
    _watched(world)
    world.fall_ill(programs.LEAKS_LATE)


SCENARIOS = (
    Scenario(
        name="one-trouble-stops-first",
        title=Text(
            "Out of memory, unhealthy targets and 503: stops first", "メモリ不足、ターゲット異常、503: 停止イベントが先"
        ),
        shows=Text(
            "three resources tell of it; one incident, one change and one thread, whose report names all three",
            "3 つのリソースから通知されるが、インシデント、変更、スレッドは 1 つで、報告に 3 つの症状を記載する",
        ),
        begin=_stops_first,
        expected=Ending(
            cause=OUT_OF_MEMORY,
            action="raise_memory",
            verdict="fixed",
            noticed=(UNAVAILABLE, APPLICATION_FAILING),
            threads=1,
            fixes=1,
        ),
    ),
    Scenario(
        name="one-trouble-alarm-first",
        title=Text("The same, and the targets' alarm is first", "同じ障害で、ターゲットのアラームが先"),
        shows=Text(
            "the alarm's incident becomes part of the service's one, and tells nobody by itself",
            "アラームのインシデントはサービス側に統合され、単独では報告しない",
        ),
        begin=_alarm_first,
        expected=Ending(
            cause=OUT_OF_MEMORY,
            action="raise_memory",
            verdict="fixed",
            noticed=(APPLICATION_FAILING, UNAVAILABLE),
            threads=1,
            fixes=1,
        ),
    ),
)
