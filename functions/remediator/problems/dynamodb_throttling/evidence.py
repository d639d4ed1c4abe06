"""What is read of a throttled table: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources.cloudformation import Stack
from ...resources.dynamodb import readers as dynamodb_readers
from ...resources.dynamodb.model import Bounds, Flow, Insights, Load, Quotas, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis. How much is asked for (`load`) is not read again: it moves every minute."""

    table: Reading[Table] = reading(dynamodb_readers.table, recheck=True)
    tags: Reading[Mapping[str, str]] = reading(dynamodb_readers.tags, recheck=True)
    throttles: Reading[tuple[Flow, ...]] = reading(dynamodb_readers.throttles, recheck=True)
    load: Reading[tuple[Load, ...]] = reading(dynamodb_readers.load)
    quotas: Reading[Quotas] = reading(dynamodb_readers.quotas)
    insights: Reading[tuple[Insights, ...]] = reading(dynamodb_readers.insights, recheck=True)
    stack: Reading[Stack] = reading(dynamodb_readers.stack)
    other_throttles: Reading[tuple[Flow, ...]] = reading(
        dynamodb_readers.other_throttles, after=("table",), recheck=True
    )
    other_load: Reading[tuple[Load, ...]] = reading(dynamodb_readers.other_load, after=("table",))
    scaling: Reading[tuple[Bounds, ...]] = reading(dynamodb_readers.scaling, after=("table",), recheck=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: whether requests are served, and whether any is still refused."""

    table: Reading[Table] = reading(dynamodb_readers.table)
    throttles: Reading[tuple[Flow, ...]] = reading(dynamodb_readers.throttles)
    other_throttles: Reading[tuple[Flow, ...]] = reading(dynamodb_readers.other_throttles, after=("table",))
