"""Queues that feed functions, on the world's clock and on the world's thread."""

import math
from collections.abc import Iterator
from typing import Any

from . import clock
from .admin import act
from .patches import patch, speaks

LAMBDA = "ministack.services.lambda_svc"


@patch(
    of="ministack.services.sqs.time",
    lacks="has no clock but the machine's (SQS)",
    still=speaks("ministack.services.sqs._collect_msgs", "time.time()"),
)
def hide_by_the_worlds_clock(_original: Any) -> Any:
    """A message that failed is visible again after so many seconds of the world."""
    return clock.WorldTime()


@patch(
    of="ministack.services.sns.time",
    lacks="has no clock but the machine's (SNS)",
    still=speaks("ministack.services.sns._deliver_to_sqs", "time.time()"),
)
def publish_by_the_worlds_clock(_original: Any) -> Any:
    """What a topic sends to a queue is sent in the world's time."""
    return clock.WorldTime()


@patch(
    of=f"{LAMBDA}._ensure_poller",
    lacks="reads queues whenever its own thread comes to it",
    still=speaks(f"{LAMBDA}._ensure_poller", "Thread(target=_poll_loop"),
)
def read_when_it_is_time(_original: Any) -> Any:
    """`work` reads them."""
    return lambda: None


@patch(
    of=f"{LAMBDA}._dispatch_esm_batch",
    lacks="invokes functions for messages in threads that nobody waits for",
    still=speaks(f"{LAMBDA}._dispatch_esm_batch", "spawn_background"),
)
def invoke_one_after_another(_original: Any) -> Any:
    """A batch of messages is done when this returns."""
    return lambda _mapping, run, *of: run(*of)


def work() -> bool:
    """Lets functions have a batch of what their queues hold; whether there was any."""
    from ministack.services import lambda_svc

    lambda_svc._esm_backoff_until.clear()  # in real time; what failed is hidden anyway
    return bool(lambda_svc._poll_sqs())


def next_moment() -> float:
    """When a message that is hidden now comes back to a function."""
    hidden_until = (m.get("visible_at", 0.0) for q in _read() for m in q["messages"])
    return min((at for at in hidden_until if at > clock.now()), default=math.inf)


def running() -> list[str]:
    """Functions that are in the middle of an invocation."""
    from ministack.core import lambda_runtime

    return [w.func_name for pool in list(lambda_runtime._workers.values()) for w in pool if w.in_use]


def _read() -> Iterator[dict[str, Any]]:
    """Queues that some function reads."""
    from ministack.services import lambda_svc, sqs

    for mapping in list(lambda_svc._esms.values()):
        if mapping.get("Enabled", True) and (queue := sqs._queue_by_arn(mapping["EventSourceArn"])):
            yield queue


@act("hurry_queue")
def hurry_queue(queue: str, visibility_s: int = 1) -> dict[str, Any]:
    """A message that failed is given again after `visibility_s` seconds of the world, also those that wait now.

    Args:
        queue: its name or the beginning of it that the template gives: `Remediator-InboxIntakeCC`.
        visibility_s: seconds.
    """
    from ministack.services import sqs

    hurried = {url: found for url, found in sqs._queues.items() if url.rsplit("/", 1)[-1].startswith(queue)}
    soon = clock.now() + visibility_s
    for found in hurried.values():
        found["attributes"]["VisibilityTimeout"] = str(visibility_s)
        for message in found["messages"]:
            message["visible_at"] = min(message["visible_at"], soon)
    return {"queues": sorted(hurried), "visibility_s": visibility_s}
