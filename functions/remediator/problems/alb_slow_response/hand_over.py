"""Hand-over of slow responses that have another problem's cause: stopping tasks, or 504s."""

from ...core.evidence import Unchecked
from ...core.model import Resource
from ...core.plan import HandOver
from ...core.problem_titles import GATEWAY_ERRORS
from ...core.runbook import Setting
from ...core.text import Text
from ...resources.ecs.stops import ends, lately, owning_problem
from .evidence import Evidence
from .facts import service

RELEASE_S = 3600  # a release within the hour before is the first suspect


def stopping_tasks(e: Evidence, setting: Setting) -> HandOver | None:
    """Where tasks behind it stop, it is slow because too few are left: their runbook goes on."""
    bad = lately(e.stops.get(), setting.now)
    if not bad:
        return None
    why = Text(
        f"responses are slow while tasks stop: {ends(bad)}", f"応答の遅延中にタスクが停止しています: {ends(bad)}"
    )
    return HandOver(why, owning_problem(bad), Resource("ecs_service", service(e).arn))


def cut_off(e: Evidence, _: Setting) -> HandOver | None:
    """Where the load balancer answers 504, what is slow is cut off: one trouble with those errors."""
    times = e.times.get()
    if not times.cut_off:
        return None
    why = Text(
        f"responses are so slow that the load balancer answered {times.cut_off} of them with 504",
        f"応答が遅く、ALB が {times.cut_off} 件に 504 を返しています",
    )
    return HandOver(why, GATEWAY_ERRORS.id, Resource("load_balancer", times.balancer))


def belongs_elsewhere(e: Evidence, setting: Setting) -> HandOver | None:
    """Whose trouble it is where no row here explains it; raises `Unchecked` where no reading tells."""
    try:
        behind = stopping_tasks(e, setting)
    except Unchecked:
        behind = None
    return behind or cut_off(e, setting)
