"""What is read of a table that cannot be deleted: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from collections.abc import Mapping
from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources.cloudformation import Stack
from ...resources.cloudtrail import readers as cloudtrail_readers
from ...resources.cloudtrail.history import History
from ...resources.dynamodb import readers as dynamodb_readers
from ...resources.dynamodb.model import Load
from . import readers
from .model import Candidate, Copies, Refused, Transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    refused: Reading[Refused] = reading(readers.refused)
    table: Reading[Candidate] = reading(readers.table)
    tags: Reading[Mapping[str, str]] = reading(dynamodb_readers.tags)
    declared_users: Reading[tuple[str, ...]] = reading(readers.declared_users)
    use: Reading[tuple[Load, ...]] = reading(readers.use)
    copies: Reading[Copies] = reading(readers.copies)
    transfers: Reading[Transfers] = reading(readers.transfers)
    history: Reading[History] = reading(cloudtrail_readers.history)
    stack: Reading[Stack] = reading(dynamodb_readers.stack)
    index_progress_pct: Reading[Mapping[str, float]] = reading(readers.index_progress_pct, after=("table",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to see whether the table can be deleted by now, or is gone."""

    table: Reading[Candidate] = reading(readers.table)
