"""One reading for everyone who needs it within the same minutes: in this process, and in the ledger for the others.

Item, by `pk`:
    shared#<key>   claimed_by and free_at while somebody reads; then held_value, or gap_told where the reading failed,
                   until free_at; purge_at takes it away

Whoever writes the claim reads; everyone else takes what is stored, or waits a moment for it.
"""

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from uuid import uuid4

from ..aws.runtime import Runtime
from ..core.errors import Defect, RemediatorError, Retryable
from ..core.serialization import Json, canonical
from .table import ConditionFailed, Table

FRESH_S = 300  # ours: an incident looks again every minute; CloudTrail itself is minutes late
FAILED_S = 60  # after a throttled reading nobody tries for a minute
CLAIM_S = 60  # a process that died while it read keeps the others waiting no longer
KEPT_S = 24 * 3600
WAITS_S = (0.5,) * 6  # for another process's reading
STORED_BYTES = 300_000  # DynamoDB: an item has 400 KB at most

_guard = threading.Lock()


class Memory:
    """What this process has read: values until their time, and one lock for each key."""

    def __init__(self, runtime: Runtime | None = None) -> None:
        self.runtime = runtime
        self.values: dict[str, tuple[float, Json]] = {}
        self.locks: dict[str, threading.Lock] = {}

    def lock(self, key: str) -> threading.Lock:
        """Held by the thread that reads `key`; the others wait for it."""
        with _guard:
            return self.locks.setdefault(key, threading.Lock())


_memory = Memory()


def _memory_of(runtime: Runtime) -> Memory:
    """The process's memory; another runtime (a test's, a sandbox's) starts with an empty one."""
    global _memory  # noqa: PLW0603  # one memory for one process's runtime
    with _guard:
        if _memory.runtime is not runtime:
            _memory = Memory(runtime)
        return _memory


class Shared:
    """Readings that executions share; `sleep` waits for another process.

    `by` names the execution: what its process had begun to read when it died, the next process of it takes up again.
    """

    def __init__(self, runtime: Runtime, sleep: Callable[[float], None] = time.sleep, by: str = "") -> None:
        self._runtime = runtime
        self._by = by
        self._sleep = sleep
        self._memory = _memory_of(runtime)

    def of(self, key: str, read: Callable[[], Json]) -> Json:
        """What `read` gives, or gave under this key within five minutes.

        Raises:
            Retryable: another execution is reading it and was not done within three seconds; or its reading failed.
            RemediatorError: what `read` raises, or the ledger cannot be reached.
        """
        with self._memory.lock(key):
            until, value = self._memory.values.get(key, (0.0, {}))
            if self._now() < until:
                return value
            free_at, value = self._read(key, read)
            self._memory.values[key] = (free_at, value)
            return value

    def _now(self) -> int:
        return int(self._runtime.now().timestamp())

    def _read(self, key: str, read: Callable[[], Json]) -> tuple[float, Json]:
        if not self._runtime.environment.ledger_table:
            return self._now() + FRESH_S, read()
        table, pk, me = Table(self._runtime), f"shared#{key}", self._by or uuid4().hex
        try:
            table.update(
                pk,
                "SET claimed_by = :me, free_at = :until, purge_at = :purge REMOVE held_value, gap_told",
                "attribute_not_exists(pk) OR free_at <= :now OR (claimed_by = :me AND attribute_not_exists(held_value) AND attribute_not_exists(gap_told))",
                me=me,
                until=self._now() + CLAIM_S,
                purge=self._now() + KEPT_S,
                now=self._now(),
            )
        except ConditionFailed as failed:
            return self._of_another(table, pk, failed.item)
        return self._claimed(table, pk, me, read)

    def _claimed(self, table: Table, pk: str, me: str, read: Callable[[], Json]) -> tuple[float, Json]:
        try:
            value = read()
        except Defect:
            raise
        except RemediatorError as error:
            self._store(table, pk, me, FAILED_S, "gap_told", f"{type(error).__name__}: {error}"[:300])
            raise
        text = canonical(value)
        if len(text.encode()) > STORED_BYTES:
            raise Defect(f"{pk}: {len(text)} characters are too many to share")
        self._store(table, pk, me, FRESH_S, "held_value", text)
        return self._now() + FRESH_S, value

    def _store(self, table: Table, pk: str, me: str, for_s: int, name: str, text: str) -> None:
        with suppress(RemediatorError):  # what was read is good all the same; the others read for themselves
            table.update(
                pk,
                f"SET {name} = :text, free_at = :until",
                "claimed_by = :me",
                text=text,
                until=self._now() + for_s,
                me=me,
            )

    def _of_another(self, table: Table, pk: str, item: Json) -> tuple[float, Json]:
        for wait_s in (*WAITS_S, 0.0):
            if "held_value" in item:
                return float(item["free_at"]), json.loads(item["held_value"])
            if "gap_told" in item:
                raise Retryable(f"read a moment ago by another execution: {item['gap_told']}")
            if wait_s:
                self._sleep(wait_s)
                item = table.get(pk) or {}
        raise Retryable("another execution is reading the same; it is there at the next look")
