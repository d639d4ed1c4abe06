"""A table that somebody wants to delete, as values: what holds it, what would be lost, who asked."""

from dataclasses import dataclass

from ...resources.dynamodb.delete_refusals import Refusal, refusal

GONE = "GONE"  # ours: DescribeTable knows no such table


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The newest DeleteTable that DynamoDB refused, as the event told it.

    Attributes:
        said: DynamoDB's words, redacted.
        by: who called, in short; `caller` is what sort of caller that is.
        times: how often it was refused since the incident began, this time included.
    """

    error_code: str
    said: str
    at: str
    by: str = ""
    caller: str = "unknown"
    times: int = 1

    @property
    def means(self) -> Refusal | None:
        """What the words mean."""
        return refusal(self.error_code, self.said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One global secondary index.

    Attributes:
        backfilling: its items are being written. While it is created and not backfilling, its resources are being
            allocated, and AWS does not let the table be deleted.
    """

    name: str
    status: str = "ACTIVE"
    backfilling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replica:
    """A copy of the table in another region."""

    region: str
    status: str = "ACTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The table as DescribeTable gives it; its status is GONE where there is none any more.

    Attributes:
        items, bytes: as DynamoDB counted them within the last six hours.
        restoring: it is being restored from a backup.
    """

    name: str
    status: str = "ACTIVE"
    protected: bool = False
    indexes: tuple[Index, ...] = ()
    replicas: tuple[Replica, ...] = ()
    restoring: bool = False
    items: int = 0
    bytes: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing is left to delete."""
        return self.status in (GONE, "DELETING")

    @property
    def changing_indexes(self) -> tuple[Index, ...]:
        """Indexes that are being created, changed or deleted."""
        return tuple(i for i in self.indexes if i.status != "ACTIVE")

    @property
    def building_indexes(self) -> tuple[Index, ...]:
        """Indexes that come or go; one whose capacity is changed is no more than a table that is changed."""
        return tuple(i for i in self.indexes if i.status in ("CREATING", "DELETING"))

    @property
    def changing_replicas(self) -> tuple[Replica, ...]:
        """Replicas that are being added, changed or removed."""
        return tuple(r for r in self.replicas if r.status != "ACTIVE")

    @property
    def busy(self) -> bool:
        """Whether the table itself is being created or changed, for another reason than its indexes and replicas."""
        explained = self.restoring or self.building_indexes or self.changing_replicas
        return self.status not in ("ACTIVE", "DELETING", GONE) and not explained

    @property
    def held(self) -> bool:
        """Whether anything that DescribeTable shows stands against deleting it."""
        changing = self.restoring or self.changing_indexes or self.changing_replicas
        return not self.over and bool(self.protected or self.busy or changing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """Backups of the table. Neither they nor point-in-time recovery stand against deleting it.

    Attributes:
        recovery: of point-in-time recovery, `ENABLED` or `DISABLED`.
        backups: on-demand and AWS Backup's, as far as they were listed.
        under_way: names of those that are being made now.
    """

    recovery: str = "DISABLED"
    backups: int = 0
    under_way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfers:
    """Exports and imports of the table that are under way, by their ARNs' last part."""

    exports: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
