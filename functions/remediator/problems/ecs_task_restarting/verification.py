"""Whether the service's tasks stay up."""

from typing import Any

from ...core.runbook import Judgement, VerificationContext
from ...resources.ecs.situation import judge as judge_service_outcome
from .evidence import Outcome


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Whether the service's tasks have stayed up for long enough: see `resources.ecs.verification`."""
    return judge_service_outcome(after, context)
