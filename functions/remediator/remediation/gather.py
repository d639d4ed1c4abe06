"""Readers to Evidence: each starts when what it needs is there; a read that fails is a named gap, not a failed run."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic
from typing import Any, TypeVar

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import Defect, RemediatorError
from ..core.evidence import Declared, EvidenceClass, Reading, Unchecked, levels
from ..core.ports import Scope
from ..core.timestamps import iso
from ..ledger.shared_readings import Shared
from ..ledger.table import Table

E = TypeVar("E", bound=EvidenceClass)
SIDE_BY_SIDE = 16  # as many as a client keeps connections; a runbook has fewer readings that wait for nothing
GAP_CHARS = 300
HALF_AN_ANSWER = (KeyError, IndexError, TypeError, ValueError, AttributeError)

_pool = ThreadPoolExecutor(SIDE_BY_SIDE, thread_name_prefix="gather")


def gather(
    runtime: Runtime,
    evidence: type[E],
    scope: Scope,
    known: E | None = None,
    only: frozenset[str] | None = None,
    *,
    within_s: float | None = None,
) -> E:
    """All readings of `evidence`.

    Args:
        runtime: clients, clock and HTTP.
        evidence: the class whose fields say what is read.
        scope: what the readers may know.
        known: earlier evidence; readings that are not made anew stay.
        only: read just these fields anew.
        within_s: what has not been read by then is a gap; None waits for all.

    Raises:
        Defect: a reader called what it does not declare, or AWS was asked in a wrong way.
    """
    names = list(evidence.__dataclass_fields__)
    found: dict[str, Reading[Any]] = {n: getattr(known, n) for n in names} if known else {}
    waiting = [d for level in levels(evidence, only) for d in level]
    unread = {d.name for d in waiting}
    reading: dict[Future[Reading[Any]], str] = {}
    ends = None if within_s is None else monotonic() + within_s
    try:
        while waiting or reading:
            ready = [d for d in waiting if unread.isdisjoint(d.after)]
            waiting = [d for d in waiting if d not in ready]
            reading |= {_pool.submit(_read, runtime, d, scope, found): d.name for d in ready}
            left_s = None if ends is None else max(0.0, ends - monotonic())
            finished = wait(reading, timeout=left_s, return_when=FIRST_COMPLETED).done
            if not finished:
                late: Reading[Any] = Reading(gap=f"not read within {within_s:.0f} s", read_at=iso(runtime.now()))
                found |= dict.fromkeys(unread, late)
                break
            for done in finished:
                name = reading.pop(done)
                found[name] = done.result()
                unread.remove(name)
    finally:
        for left in reading:
            left.cancel()
    return evidence(**found)


def _read(runtime: Runtime, declared: Declared, scope: Scope, found: Mapping[str, Reading[Any]]) -> Reading[Any]:
    reader = declared.reader
    values = {"source": reader.source, "read_at": iso(runtime.now())}
    door = AwsClient(
        runtime.clients,
        reader.permissions,
        http_get=runtime.http_get,
        share=Shared(runtime, by=scope.incident.id).of,
        recorded=Table(runtime).get,
    )
    try:
        needed = [found[name].get() for name in declared.after]
        return Reading(value=reader(door, scope, *needed), **values)
    except Unchecked as gap:
        return Reading(gap=f"needs what could not be read: {gap}"[:GAP_CHARS], **values)
    except Defect:
        raise
    except RemediatorError as error:
        return Reading(gap=f"{type(error).__name__}: {error}"[:GAP_CHARS], **values)
    except HALF_AN_ANSWER as error:
        return Reading(gap=f"{reader.source} gave an answer that is not whole ({error!r})"[:GAP_CHARS], **values)
