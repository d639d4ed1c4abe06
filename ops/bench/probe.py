"""One entry in a fresh process: what its import, its first event and further events cost. Run by path, never imported.

It imports nothing before the clock is read that the entry would otherwise pay for.
"""

# ruff: noqa: PLC0415, PTH123  # what an entry would import anyway must not be here before it

from __future__ import annotations

import importlib
import json
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BATCH = 10
WARM = 20


def main(told_file: str) -> None:
    """Reads what to do from `told_file` and writes what it cost into it."""
    with open(told_file, encoding="utf-8") as opened:
        found = json.load(opened)
    cost: dict[str, Any] = {"interpreter_cpu_ms": time.process_time() * 1000}
    begun = time.process_time()
    entry = importlib.import_module(found["module"])
    cost["import_cpu_ms"] = (time.process_time() - begun) * 1000
    begun, wall = time.process_time(), time.perf_counter()
    if found["settings"] is not None:
        install(found)
    answered = entry.handle(found["event"], context())
    cost["first_cpu_ms"] = (time.process_time() - begun) * 1000
    cost["first_wall_ms"] = (time.perf_counter() - wall) * 1000
    assert went_well(answered), answered
    cost["first_rss_mib"] = peak_rss_mib()
    if found["further"]:
        cost["warm_cpu_ms"] = [warm(entry, found) for _ in range(WARM)]
        cost["peak_rss_mib"] = peak_rss_mib()
        cost["in_sdk_cpu_ms"] = in_sdk_ms(entry, found)
    if found["further"] and "again" in found:
        cost["in_memory_cpu_us"] = in_memory(entry, found)
        cost["across_cpu_us"] = across(entry, found)
    with open(told_file, "w", encoding="utf-8") as opened:
        json.dump(cost, opened)


def went_well(answered: dict[str, Any]) -> bool:
    """Whether an entry did what it is measured for; what failed early would look fast."""
    if "batchItemFailures" in answered:
        return not answered["batchItemFailures"]
    return answered.get("Status") == "PENDING" or answered.get("accepted") is True or answered.get("changed") is True


def install(response: dict[str, Any]) -> None:
    """The runtime as the environment gives it, with the moment and the load balancer of the tape."""
    from datetime import datetime

    from remediator.aws import runtime
    from remediator.core.ports import HttpAnswer
    from remediator.core.serialization import from_json
    from remediator.core.settings import Settings

    now = datetime.fromisoformat(response["now"])
    runtime.install(
        runtime.Runtime(
            settings=from_json(Settings, response["settings"]),
            environment=runtime.Environment.from_environment(),
            clients=runtime.Clients(runtime.shared_session()),
            now=lambda: now,
            http_get=lambda _: HttpAnswer(503, 3),
        )
    )


def context() -> Any:
    """What Lambda gives beside the event."""
    from types import SimpleNamespace

    return SimpleNamespace(
        function_name="remediator",
        function_version="1",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-remediate:live",
        aws_request_id="00000000-0000-4000-8000-000000000000",
        log_group_name="",
        log_stream_name="",
        tenant_id=None,
        get_remaining_time_in_millis=lambda: 60_000,
    )


def warm(entry: Any, response: dict[str, Any]) -> float:
    """CPU of one further event that nobody has seen, in ms."""
    rewind(response["tape"])
    forget(response)
    begun = time.process_time()
    entry.handle(response["event"], context())
    return (time.process_time() - begun) * 1000


def in_sdk_ms(entry: Any, response: dict[str, Any]) -> float:
    """CPU of one further event inside botocore's calls, in ms; making clients is not a call."""
    from botocore.client import BaseClient

    original, spent = BaseClient._make_api_call, []  # noqa: SLF001  # no event spans a call in the thread that makes it

    def timed(*args: Any, **named: Any) -> Any:
        begun = time.thread_time()
        try:
            return original(*args, **named)
        finally:
            spent.append(time.thread_time() - begun)

    BaseClient._make_api_call = timed  # noqa: SLF001
    try:
        for _ in range(WARM):
            warm(entry, response)
    finally:
        BaseClient._make_api_call = original  # noqa: SLF001
    return sum(spent) * 1000 / WARM


def forget(response: dict[str, Any]) -> None:
    """The next event meets another runtime, of which nothing is remembered; clients stay."""
    if response["settings"] is not None:
        from dataclasses import replace

        from remediator.aws import runtime

        runtime.install(replace(runtime.current()))


def in_memory(entry: Any, response: dict[str, Any]) -> float:
    """CPU of one repeated event that this process remembers, in a batch, in us."""
    rewind(response["tape"])
    entry.handle(response["event"], context())
    batches = 100
    begun = time.process_time()
    for _ in range(batches):
        entry.handle(response["again"], context())
    return (time.process_time() - begun) * 1e6 / batches / BATCH


def across(entry: Any, response: dict[str, Any]) -> float:
    """CPU of one repeated event of which another process has told the ledger, in a batch, in us."""
    rewind(response["again_tape"])
    batches, spent = 30, 0.0
    for _ in range(batches):
        forget(response)
        begun = time.process_time()
        entry.handle(response["again"], context())
        spent += time.process_time() - begun
    return spent * 1e6 / batches / BATCH


def rewind(tape: str) -> None:
    """The other side answers from the start of that tape."""
    import os
    from http.client import HTTPConnection

    connection = HTTPConnection(os.environ["AWS_ENDPOINT_URL"].removeprefix("http://"))
    connection.request("GET", f"/tape/{tape}")
    connection.getresponse().read()
    connection.close()


def peak_rss_mib() -> float:
    """The largest the process has been; a child's `ru_maxrss` may tell of its parent, so Linux is asked otherwise."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            kib = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kib = peak // 1024 if sys.platform == "darwin" else peak
    return kib / 1024


if __name__ == "__main__":
    main(sys.argv[1])
