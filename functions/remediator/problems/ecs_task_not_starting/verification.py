"""Whether tasks of the service start and stay running."""

from typing import Any

from ...core.runbook import Judgement, VerificationContext
from ...resources.ecs.situation import judge as judge_service
from ...resources.ecs.stop_codes import FAILED_STARTS
from .evidence import Outcome
from .failed_starts import refused_at


def judge(after: Outcome, context: VerificationContext[Any]) -> Judgement:
    """Over when the tasks run and no start has failed for a while."""
    return judge_service(after, context, FAILED_STARTS, refused_at(after.said.get()))
