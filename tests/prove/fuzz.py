"""Fuzz: damaged and forged events through the real intake, some to their report, and hostile texts through every rendering.

Nobody filters the events: the sender is hostile and writes to the queue. What must hold: each message is taken, or goes
back with an error that says why; whatever is trouble of ours is in the ledger or told; nothing is changed; no secret, no
sign that hides and no markup that acts reaches anybody.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from remediator.core.errors import EventNotUnderstood
from remediator.core.model import Notice, Signal
from remediator.core.settings import Settings
from remediator.core.text import Language, same
from remediator.events import parse_body
from remediator.problems import route
from remediator.reports.blocks import Report
from remediator.reports.channels.json_report import report_json
from remediator.reports.channels.notice import notice_message
from remediator.reports.channels.slack import slack_message
from remediator.reports.channels.sns import Message, sns_messages
from remediator.reports.compose import compose
from sandbox import names
from sandbox.laptop import Laptop
from sandbox.wire import Request
from tests.reports import channel_faults
from tests.reports.cases import CASES

from .hostile_queue import HostileQueue
from .hostile_texts import BY_SHAPE, KEY, MARKUP, VALUE, hostile_texts
from .mutations import bodies, real_events
from .outcome import Outcome, Task
from .places import filled
from .shown import faults

NAME = "fuzz"
NAMES = (NAME,)
EVENTS, WHOLE, TEXTS = 50_000, 120, 5_000
BOUNDED_EVENTS, BOUNDED_WHOLE, BOUNDED_TEXTS = 400, 2, 26  # each case of the reports once
CHUNK_EVENTS, CHUNK_WHOLE, CHUNK_TEXTS = 2_500, 20, 250
CHUNK_S = 10  # roughly
BATCH = 10
TOLD_AT_MOST = 40
SECRETS = (VALUE, *BY_SHAPE, KEY)


@dataclass(frozen=True, slots=True)
class Part:
    """What one chunk found."""

    runs: int
    violations: tuple[str, ...]
    counts: Mapping[str, int]


def tasks(*, bounded: bool, names: Sequence[str]) -> tuple[Task, ...]:
    """The same events and texts in every run, in chunks."""
    del names
    wanted = (
        (
            (events, BOUNDED_EVENTS, BOUNDED_EVENTS),
            (whole, BOUNDED_WHOLE, BOUNDED_WHOLE),
            (texts, BOUNDED_TEXTS, BOUNDED_TEXTS),
        )
        if bounded
        else ((whole, WHOLE, CHUNK_WHOLE), (events, EVENTS, CHUNK_EVENTS), (texts, TEXTS, CHUNK_TEXTS))
    )
    return tuple(
        Task(run=partial(kind, seed, size), about=f"{NAME} of {size} {kind.__name__}", weight=CHUNK_S)
        for kind, total, size in wanted
        for seed in range(total // size)
    )


def outcomes(results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
    """All chunks together."""
    del bounded, names
    counts: Counter[str] = Counter()
    for part in results:
        counts.update(part.counts)
    violations = tuple(v for part in results for v in part.violations)
    return (Outcome(proof=NAME, runs=sum(p.runs for p in results), violations=violations, figures=dict(counts)),)


@cache
def _real() -> tuple[dict[str, Any], ...]:
    return real_events()


def events(seed: int, count: int) -> Part:
    """`count` bodies in batches through intake; executions are not started."""
    real, violations = _real(), []
    with Laptop() as laptop:
        laptop.world.run_service()
        queue = HostileQueue(laptop, starts=False)
        sent = list(bodies(real, seed, count))
        for first in range(0, count, BATCH):
            violations += queue.send(sent[first : first + BATCH])
            violations += leaks(laptop.world.requests)
        violations += [f"a write: {w.action}" for w in laptop.world.writes]
    counts = {"damaged events": count, **{f"events {name}": n for name, n in queue.counts.items()}}
    return Part(count, tuple(violations[:TOLD_AT_MOST]), counts)


def whole(seed: int, count: int) -> Part:
    """`count` bodies that open an incident, each to the end of its execution, on an account that is well."""
    violations: list[str] = []
    reports = 0
    for body in _that_open(seed, count):
        with Laptop() as laptop:
            laptop.world.run_service()
            violations += HostileQueue(laptop, starts=True).send([body])
            violations += _to_the_end(laptop)
            violations += leaks(laptop.world.requests)
            reports += len(laptop.reports)
    return Part(count, tuple(violations[:TOLD_AT_MOST]), {"events to their report": count, "reports of them": reports})


def _that_open(seed: int, count: int) -> Iterator[str]:
    found = 0
    for body in bodies(_real(), 1_000 + seed, 1_000 * count):
        if found == count:
            return
        if _opens(body):
            found += 1
            yield body


def _opens(body: str) -> bool:
    try:
        parsed = parse_body(body)
    except EventNotUnderstood:
        return False
    return any(isinstance(p, Signal) and p.resource.account == names.ACCOUNT and route(p) for p in parsed)


def _to_the_end(laptop: Laptop) -> Iterator[str]:
    laptop.run(lasts_s=1)
    yield from (f"a write: {w.action} as {w.role}" for w in laptop.world.writes)
    yield from (f"in the dead-letter queue: {json.dumps(d.event)[:200]}" for d in laptop.dead_letters)
    found = {str(r.attributes.get("incident")) for r in laptop.reports}
    for record in laptop.records():
        incident = str(record["pk"]).removeprefix("incident#")
        if record["state"] != "closed":
            yield f"{incident} ends as {record['state']}"
        if "joined" not in record and incident not in found:
            yield f"nobody was told of {incident}"
    for name in laptop.durable.names:
        status = laptop.durable.result(name).status
        if getattr(status, "value", status) != "SUCCEEDED":
            yield f"{name}: its execution ends as {status}"
    messages = [_message(r) for r in laptop.world.requests if r.operation == "Publish"]
    yield from faults(messages, SECRETS)


def _message(sent: Request) -> Message:
    asked = sent.parameters
    return Message(
        topic="pager" if asked["TopicArn"].endswith("-pager") else "high",
        subject=asked["Subject"],
        message=asked["Message"],
        attributes={n: v["StringValue"] for n, v in asked.get("MessageAttributes", {}).items()},
        structured=asked.get("MessageStructure") == "json",
    )


def leaks(requests: Sequence[Request]) -> Iterator[str]:
    """Secrets in what was sent to the ledger or to people."""
    for r in requests:
        sent = json.dumps(r.parameters, default=str)
        yield from (f"{r.action} holds the secret {s[:6]}..." for s in SECRETS if s in sent)


def texts(seed: int, count: int) -> Part:
    """`count` texts, each in every place of one case and in a notice, in both languages."""
    violations: list[str] = []
    cases = list(CASES.items())
    for number, hostile in enumerate(hostile_texts(seed, count)):
        found, case = cases[number % len(cases)]
        name = "".join(MARKUP) if hostile.secrets else hostile.text
        for language in ("en", "ja"):
            settings = Settings(language=language)
            notice = Notice("high", hostile.text, same(hostile.text))
            report = compose(filled(case, hostile.text, name), settings)
            messages = (*sns_messages(report, settings), notice_message(notice, settings))
            wrong = (*faults(messages, hostile.secrets), *_unpublished(report, language, hostile.secrets))
            violations += [f"{found}, {language}: {fault}" for fault in wrong]
    return Part(count, tuple(violations[:TOLD_AT_MOST]), {"hostile texts": count, "messages of them": 10 * count})


def _unpublished(report: Report, language: Language, secrets: Sequence[str]) -> Iterator[str]:
    """What is wrong with the renderings that no topic gets: Slack's own, and JSON."""
    shown = json.dumps((slack_message(report, language), report_json(report)), ensure_ascii=False).replace("\\u", "")
    yield from (f"Slack or JSON: the secret {s[:6]}... is shown" for s in secrets if s in shown)
    yield from (f"Slack: {fault}" for fault in channel_faults.slack(report, language))
    yield from (f"JSON: {fault}" for fault in channel_faults.as_json(report, language))
