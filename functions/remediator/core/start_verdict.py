"""Whether the tasks of a service start again, and what a report says of the service meanwhile."""

from typing import Any, Protocol

from .ecs_verdict import FAILED_STARTS, bad_stops
from .evidence import Reading
from .failed_starts import Said, StartEvidence, refused_at
from .model import Fact
from .runbook import Aftermath, Judgement
from .service_view import ServiceOutcome
from .service_view import about as service_about
from .service_view import judge as judge_service
from .text import Text


def about(e: StartEvidence) -> tuple[Fact, ...]:
    """Since when starts fail, who is affected, how the service stands."""
    facts = service_about(e, FAILED_STARTS)
    said = refused_at(e.said.or_none() or ())
    if said and not bad_stops(e.stops.or_none() or (), FAILED_STARTS):
        return e.said.fact(Text("since", "発生時刻"), said[0]), *facts
    return facts


def seen(e: StartEvidence) -> bool:
    """Whether a start is known to have failed."""
    return bool(bad_stops(e.stops.or_none() or (), FAILED_STARTS) or refused_at(e.said.or_none() or ()))


class StartOutcome(ServiceOutcome, Protocol):
    """What is read to see whether tasks start again."""

    @property
    def said(self) -> Reading[tuple[Said, ...]]:
        """What ECS said of the service in the last hour, newest first."""


def judge(after: StartOutcome, told: Aftermath[Any]) -> Judgement:
    """Over when the tasks run and no start has failed for a while."""
    return judge_service(after, told, FAILED_STARTS, refused_at(after.said.get()))
