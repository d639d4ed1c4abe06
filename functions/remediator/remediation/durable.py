"""The durable SDK behind a few plain words: steps, waits, a question with a clock. No other file imports it."""

from collections.abc import Callable
from typing import Any, TypeVar

from aws_durable_execution_sdk_python import BatchResult, DurableContext, StepContext, StepError, durable_execution
from aws_durable_execution_sdk_python.config import (
    CompletionConfig,
    Duration,
    ParallelBranch,
    ParallelConfig,
    StepConfig,
    StepSemantics,
)
from aws_durable_execution_sdk_python.retries import RetryPresets, RetryStrategyConfig, create_retry_strategy

from ..aws.emf import count_calls
from ..aws.runtime import current
from ..core.serialization import Json, from_json, to_json
from ..incidents.metrics import step_metrics

__all__ = ["NO_RETRY", "ONCE", "DurableContext", "DurableFlow", "StepError", "durable_execution"]

T = TypeVar("T")
AGAIN = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(max_attempts=4, initial_delay=Duration.from_seconds(5), max_delay=Duration.from_minutes(1))
    )
)
FIRST: CompletionConfig = CompletionConfig.first_successful()  # type: ignore[no-untyped-call]  # the SDK leaves it so
NO_RETRY = StepConfig(retry_strategy=RetryPresets.none())
ONCE = StepConfig(retry_strategy=RetryPresets.none(), step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY)


class DurableFlow:
    """Checkpointed steps and waits of one execution."""

    def __init__(self, context: DurableContext, incident: str) -> None:
        self._context = context
        self.incident = incident

    def step(
        self,
        name: str,
        kind: Any,
        run: Callable[[], T],
        config: StepConfig = AGAIN,
        *,
        branch: DurableContext | None = None,
    ) -> T:
        """`run` as one checkpointed step; its value is stored as plain JSON, and one log line tells of it."""

        def once(told: StepContext) -> Json:
            done = run()
            count_calls(current(), *step_metrics(name, done))
            value = {"value": to_json(done)}
            told.logger.info("step done", extra={"incident": self.incident, "step": name})
            return value

        stored = (branch or self._context).step(once, name=name, config=config)
        value: T = from_json(kind, stored["value"])
        return value

    def wait(self, seconds: float, name: str) -> None:
        """Nothing runs and nothing is paid meanwhile."""
        self._context.wait(Duration.from_seconds(max(1, int(seconds))), name=name)

    def ask(
        self, suffix: str, send: Callable[[str], T], clock: Callable[[T], Callable[[DurableContext], str]]
    ) -> tuple[T, list[Any]]:
        """Sends a question, then waits for its answer or for the clock, whichever comes first.

        Args:
            suffix: makes the names of this question's steps unique.
            send: a step of its own; gets the id of the callback that answers.
            clock: from what was sent, the branch that waits until the question expires.
        """
        callback = self._context.create_callback(name=f"approval{suffix}")
        sent = send(callback.callback_id)
        raced: BatchResult[Any] = self._context.parallel(
            [
                ParallelBranch(lambda _: callback.result(), name="a person answers"),
                ParallelBranch(clock(sent), name="the clock runs out"),
            ],
            name=f"approval or clock{suffix}",
            config=ParallelConfig(completion_config=FIRST),
        )
        return sent, raced.get_results()

    @staticmethod
    def pause(branch: DurableContext, seconds: float, name: str) -> None:
        """A wait within a branch of a question."""
        branch.wait(Duration.from_seconds(seconds), name=name)
