"""Stories about tasks that stop; what the programs do is said anew here, in the emulator's own words."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.scenarios import by_name

from .stage import Stage
from .story import Act, Story

OUT_OF_MEMORY = "ecs_task_restarting.out_of_memory"
NOW, NEXT = "1.4.2", "1.5.0"
LEAKS = {
    "needs_memory_mib": 900,
    "memory_full_after_s": 300,
    "log_lines": ["WARNING report cache holds 41,000 entries"],
}
TRACEBACK = [
    "ERROR request failed: GET /users/42",
    "Traceback (most recent call last):",
    '  File "/app/portfolio/api.py", line 88, in get_user',
    "KeyError: 'PORTFOLIO_TABLE'",
]
CRASHES = {"dies_after_s": 110, "exit_code": 1, "log_lines": TRACEBACK}
TURNS_SICK = {"sick_after_s": 45, "log_lines": TRACEBACK}
NEVER_READY = {"fails_health_check": True, "log_lines": TRACEBACK}


def falls_ill(**program: Any) -> Callable[[Stage], None]:
    """The running version changes for the worse, without a deployment."""

    def begin(stage: Stage) -> None:
        stage.world(do="program", image=NOW, **program)

    return begin


def released(**program: Any) -> Callable[[Stage], None]:
    """Someone deploys the next version, whose program is this."""

    def begin(stage: Stage) -> None:
        stage.world(do="program", image=NEXT, **program)
        stage.world(do="release", version=NEXT)

    return begin


def approve(stage: Stage) -> None:
    """A person approves what is asked."""
    _answer(stage, "approve")


def refuse(stage: Stage) -> None:
    """A person refuses what is asked."""
    _answer(stage, "refuse")


def _answer(stage: Stage, answer: str) -> None:
    found = stage.answer(answer)
    if not found["accepted"]:
        raise AssertionError(found)


def service(stage: Stage) -> Mapping[str, Any]:
    """The portfolio's service as ECS describes it."""
    asked = {"cluster": "portfolio-cluster", "services": ["portfolio-api-service"]}
    found: Mapping[str, Any] = stage.client("ecs").describe_services(**asked)["services"][0]
    return found


ASKED_AND_APPROVED = Act(what="the program asks", when=Stage.question, do=approve)


def _scaled_in(stage: Stage) -> None:
    stage.world(do="scale", tasks=1)


def _switched_off(stage: Stage) -> None:
    stage.switch("off")
    falls_ill(**LEAKS)(stage)


def _fixed_by_the_fix_role(action: str) -> Callable[[Stage], bool]:
    """Whether the write was made by the narrowed fix role and by nobody else of the product."""

    def true(stage: Stage) -> bool:
        makers = [c["principal"] for c in stage.emulator.view("calls") if c["action"] == action and c["status"] == 200]
        own = [m for m in makers if "assumed-role" in m]
        return bool(own) and all("-fix-" in m for m in own)

    return true


def _a_message_arrived(stage: Stage) -> bool:
    return any("ecs" in m.text.lower() for m in stage.messages())


def _memory_is_raised(stage: Stage) -> bool:
    definition = service(stage)["taskDefinition"]
    response = stage.client("ecs").describe_task_definition(taskDefinition=definition)
    return bool(response["taskDefinition"]["memory"] == "1024")


def _noticed_late(stage: Stage) -> None:
    """Whoever looks into the load balancer's errors comes to it when the service is healed already."""
    stage.world(do="lag", executions="alb-gateway-errors", seconds=600)
    released(**TURNS_SICK)(stage)


STORIES = (
    Story(
        name="out-of-memory",
        begin=falls_ill(**LEAKS),
        shown={
            "a message reached the topic's reader": _a_message_arrived,
            "the service runs a revision with 1,024 MiB": _memory_is_raised,
            "only the fix role updated the service": _fixed_by_the_fix_role("ecs:UpdateService"),
        },
        needs=("ecs:RegisterTaskDefinition", "iam:PassRole"),
    ),
    Story(
        name="bad-release",
        begin=released(**TURNS_SICK),
        shown={"only the fix role updated the service": _fixed_by_the_fix_role("ecs:UpdateService")},
        needs=("ecs:UpdateService",),
    ),
    Story(
        name="noticed-late",
        begin=_noticed_late,
        expected=by_name("bad-release").expected,
        agrees=False,
    ),
    Story(
        name="release-in-progress",
        begin=released(**NEVER_READY),
        needs=("ecs:StopServiceDeployment",),
    ),
    Story(name="circuit-breaker", begin=released(**NEVER_READY), portfolio={"CircuitBreaker": "true"}),
    Story(name="crash", begin=falls_ill(**CRASHES)),
    Story(name="scale-in", begin=_scaled_in, lasts_s=600, shown={"no message was sent": lambda s: not s.messages()}),
    Story(name="switch-off", begin=_switched_off),
    Story(name="approved", begin=falls_ill(**LEAKS), mode="approve", acts=(ASKED_AND_APPROVED,)),
)
