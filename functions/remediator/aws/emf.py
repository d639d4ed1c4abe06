"""Metrics on their way out: lines on standard output, which Lambda's log and CloudWatch turn into metrics.

Only written within a step, where the work is really done: a replayed step writes none. A step that died after its line and
before its checkpoint is done again and counted again.
"""

import json
import logging
import sys

from ..incidents.metrics import Point, called, line_of
from .runtime import Runtime

LOGGER = logging.getLogger("remediator.metrics")  # a level above INFO writes nothing; the sandbox sets it
LOGGER.setLevel(logging.INFO)


def count(runtime: Runtime, *points: Point) -> None:
    """Writes one line for each point; no call to AWS, no error."""
    if LOGGER.isEnabledFor(logging.INFO):
        at_ms = int(runtime.now().timestamp() * 1000)
        sys.stdout.writelines(f"{json.dumps(line_of(point, at_ms))}\n" for point in points)


def count_calls(runtime: Runtime, *points: Point) -> None:
    """The same, with the requests to AWS that this process has sent since it was asked last."""
    count(runtime, *points, *called(runtime.clients.requests.taken()))
