"""Dead letters on their way back: SQS's own redrive."""

import time
import uuid
from typing import Any

from ministack.services import sqs

from .patches import patch


@patch(
    of="ministack.services.sqs._HANDLERS",
    lacks="does not know StartMessageMoveTask",
    still=lambda: not _known(),
)
def move_dead_letters_back(original: dict[str, Any]) -> dict[str, Any]:
    """Every message of the dead-letter queue goes to the queue that it came from, at once, counted anew."""
    original["StartMessageMoveTask"] = _move
    return original


def _move(data: dict[str, Any], _queue: str) -> dict[str, Any]:
    dead = sqs._queue_by_arn(data.get("SourceArn", ""))
    if dead is None:
        raise sqs._Err("ResourceNotFoundException", "The resource that you specified for SourceArn does not exist.")
    kept = []
    for message in dead["messages"]:
        source = data.get("DestinationArn") or message["sys"].get("DeadLetterQueueSourceArn", "")
        queue = sqs._queue_by_arn(source)
        if queue is None:
            kept.append(message)
            continue
        queue["messages"].append({**message, "receive_count": 0, "visible_at": time.time(), "receipt_handle": None})
    dead["messages"] = kept
    sqs.esm_wake.set()
    return {"TaskHandle": str(uuid.uuid4())}


def _known() -> bool:
    from ministack.services import sqs as bare

    return "StartMessageMoveTask" in bare._HANDLERS
