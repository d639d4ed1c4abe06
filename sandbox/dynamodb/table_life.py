"""What stands against deleting the portfolio's table, over time: protection, an index being built, a restore, replicas."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .. import names
from ..wire import AwsError

DELETING = timedelta(seconds=60)
ALLOCATING = timedelta(seconds=120)  # before an index is backfilled
IN_USE = "Attempt to change a resource which is still in use: "
NO_DETAIL = "The resource which you are attempting to change is in use."
SOURCE_REGION = (
    "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in "
    "the last 24 hours."
)
PROTECTED = (
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
)
NEW_INDEX = "by-city"


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another."""

    since: datetime
    until: datetime

    def at(self, moment: datetime) -> bool:
        """Whether the moment lies within it."""
        return self.since <= moment < self.until


@dataclass(slots=True)
class TableLife:
    """The table's life beside its capacity.

    Attributes:
        protected: deletion protection is on.
        index: while a new index is built.
        restore: while the table is restored from a backup.
        unseen: what DynamoDB refuses a deletion with although DescribeTable shows nothing, and until when.
        replicas: region -> status.
        backups: name -> when it is made.
        exports: ARN -> when it has ended.
        recovery: point-in-time recovery is on.
    """

    now: Callable[[], datetime]
    protected: bool = False
    index: Span | None = None
    restore: Span | None = None
    unseen: tuple[AwsError, datetime] | None = None
    replicas: dict[str, str] = field(default_factory=dict)
    backups: dict[str, Span] = field(default_factory=dict)
    exports: dict[str, Span] = field(default_factory=dict)
    recovery: bool = False
    deleted_at: datetime | None = None

    def build_index(self, for_s: float) -> None:
        """Somebody adds an index now; it is ACTIVE so many seconds later."""
        self.index = self._span(for_s)

    def restored(self, for_s: float) -> None:
        """The table is a restore that began now."""
        self.restore = self._span(for_s)

    def back_up(self, name: str, for_s: float) -> None:
        """Somebody makes a backup now."""
        self.backups[name] = self._span(for_s)

    def export(self, for_s: float) -> None:
        """Somebody exports the table to S3 now."""
        arn = f"arn:aws:dynamodb:{names.REGION}:{names.ACCOUNT}:table/{names.TABLE}/export/01695353076000-a1b2c3d4"
        self.exports[arn] = self._span(for_s)

    def hold(self, code: str, message: str, for_s: float) -> None:
        """DynamoDB refuses a deletion with these words, whatever DescribeTable shows."""
        self.unseen = (AwsError(code, message), self.now() + timedelta(seconds=for_s))

    def _span(self, for_s: float) -> Span:
        return Span(self.now(), self.now() + timedelta(seconds=for_s))

    @property
    def building(self) -> bool:
        """Whether the new index is not ACTIVE yet."""
        return self.index is not None and self.index.at(self.now())

    @property
    def backfilling(self) -> bool:
        """Whether its items are being written."""
        return self.index is not None and self.building and self.now() >= self.index.since + ALLOCATING

    @property
    def restoring(self) -> bool:
        """Whether the restore is under way."""
        return self.restore is not None and self.restore.at(self.now())

    @property
    def deleting(self) -> bool:
        """Whether it is on its way out."""
        return self.deleted_at is not None and self.now() < self.deleted_at + DELETING

    @property
    def gone(self) -> bool:
        """Whether it has been deleted."""
        return self.deleted_at is not None and not self.deleting

    def status(self, *, updating: bool) -> str:
        """As DescribeTable gives it."""
        if self.deleting:
            return "DELETING"
        if self.restoring:
            return "CREATING"
        allocating = self.building and not self.backfilling
        return "UPDATING" if updating or allocating else "ACTIVE"

    def progress_pct(self, at: datetime) -> float | None:
        """How far the index is backfilled at a moment, None where it is not."""
        if self.index is None or not self.index.at(at) or at < self.index.since + ALLOCATING:
            return None
        begun = self.index.since + ALLOCATING
        return 100 * (at - begun) / (self.index.until - begun)

    def delete(self, *, updating: bool) -> None:
        """Begins the deletion.

        Raises:
            AwsError: what DynamoDB refuses it with.
        """
        refused = self._refusal(updating=updating)
        if refused:
            raise refused
        self.deleted_at = self.deleted_at or self.now()

    def _refusal(self, *, updating: bool) -> AwsError | None:
        if self.unseen and self.now() < self.unseen[1]:
            return self.unseen[0]
        if self.protected:
            return AwsError("ValidationException", PROTECTED)
        if self.restoring:
            return AwsError("ResourceInUseException", f"{IN_USE}Table is being created: {names.TABLE}")
        if self.building:
            words = "Cannot delete table while indexes are being created, updated, or deleted."
            return AwsError("ResourceInUseException", IN_USE + words)
        if updating:
            words = f"Table: {names.TABLE} is in the process of being updated."
            return AwsError("ResourceInUseException", IN_USE + words)
        return None
