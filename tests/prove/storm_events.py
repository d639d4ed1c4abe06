"""A storm: real events of the corpus, told of many resources, with duplicates, late and out of order. Seeded."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from remediator.core.model import Resource
from remediator.core.settings import Workload
from tests.corpus import event, files

ACCOUNT, REGION, CLUSTER = "123456789012", "ap-northeast-1", "portfolio-cluster"
MOMENT = re.compile(r"2026-11-23T03:\d\d:\d\d")
TASK = re.compile(r"(?<=task/portfolio-cluster/)[0-9a-f]{32}")
DUPLICATES, OLD, OTHERS = 0.15, 0.05, 0.06
BY_KIND = {
    "ecs_service": (
        "own_ecs_task_service_exit_1.json",
        "own_ecs_task_service_out_of_memory.json",
        "own_ecs_task_service_container_health_check.json",
        "own_ecs_task_event_in_sns_in_queue.json",
        "own_ecs_deployment_failed.json",
    ),
    "target_group": ("own_alarm_target_5xx_event.json", "own_alarm_target_5xx_sns_in_queue.json"),
    "table": (
        "own_alarm_contributor_event.json",
        "own_alarm_contributor_sns_in_queue.json",
        "own_alarm_metric_math_sns_in_queue.json",
    ),
    "distribution": ("own_alarm_distribution_event.json",),
}
NAMED = {
    "ecs_service": "portfolio-api-service",
    "target_group": "targetgroup/portfolio-api/73e2d6bc24d8a067",
    "table": "portfolio-users",
    "distribution": "E2EXAMPLE1PORT",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One resource of the storm: what its events call it, and the resource itself."""

    kind: str
    name: str
    resource: Resource


def places(count: int) -> tuple[Place, ...]:
    """`count` resources, one of each kind to a workload."""
    return tuple(_place(kind, n // len(BY_KIND)) for n in range(count) for kind in [list(BY_KIND)[n % len(BY_KIND)]])


def _place(kind: str, number: int) -> Place:
    name = {
        "ecs_service": f"shop-{number}-service",
        "target_group": f"targetgroup/shop-{number}/{number:016x}",
        "table": f"shop-{number}-users",
        "distribution": f"E2SHOP{number:08d}",
    }[kind]
    arn = {
        "ecs_service": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/{name}",
        "target_group": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:{name}",
        "table": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
        "distribution": f"arn:aws:cloudfront::{ACCOUNT}:distribution/{name}",
    }[kind]
    return Place(kind, name, Resource(kind, arn))


def workloads(where: tuple[Place, ...]) -> tuple[Workload, ...]:
    """The declaration of each: a service, its target group, its table and its distribution belong together."""
    made = []
    for first in range(0, len(where), len(BY_KIND)):
        by_kind = {p.kind: p.name for p in where[first : first + len(BY_KIND)]}
        made.append(
            Workload(
                name=f"shop-{first // len(BY_KIND)}",
                cluster=CLUSTER,
                service=by_kind.get("ecs_service", ""),
                target_group=by_kind.get("target_group", ""),
                tables=(by_kind["table"],) if "table" in by_kind else (),
                distribution=by_kind.get("distribution", ""),
            )
        )
    return tuple(made)


def bodies(where: tuple[Place, ...], seed: int, count: int) -> Iterator[str]:
    """`count` bodies of queue messages: most tell of trouble of `where`, some of none, some cannot be understood."""
    drawn = Random(seed)  # noqa: S311  # it hides nothing
    texts = {kind: [json.dumps(event(f)) for f in of] for kind, of in BY_KIND.items()}
    others = [json.dumps(event(f)) for f in files()]
    sent: list[str] = []
    for _ in range(count):
        kind = drawn.random()
        if sent and kind < DUPLICATES:
            yield drawn.choice(sent[-200:])
            continue
        if kind > 1 - OTHERS:
            yield drawn.choice((drawn.choice(others), '{"detail": '))
            continue
        place = drawn.choice(where)
        minute = drawn.randrange(5) if kind > 1 - OTHERS - OLD else 5 + drawn.randrange(50)
        sent.append(_told(drawn, drawn.choice(texts[place.kind]), place, minute))
        yield sent[-1]


def _told(drawn: Random, text: str, place: Place, minute: int) -> str:
    named = text.replace(NAMED[place.kind], place.name)
    at = f"2026-11-23T03:{minute:02d}:{drawn.randrange(60):02d}"
    task = f"{drawn.getrandbits(128):032x}"
    return TASK.sub(task, MOMENT.sub(at, named))
