"""The intake function under a hostile sender: real handler, real ledger on the fake AWS, and what a batch left behind."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import md5
from typing import Any

from remediator.core.errors import Defect, EventNotUnderstood, RemediatorError
from remediator.core.model import Notice, Signal
from remediator.events import parse_body
from remediator.handlers import intake
from remediator.problems import route
from sandbox import names
from sandbox.laptop import Laptop
from sandbox.names import uuid
from sandbox.published import lambda_context
from sandbox.wire import Request

ALLOWED = frozenset((
    "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "sns:Publish", "lambda:InvokeFunction", "sqs:SendMessage", "cloudwatch:DescribeAlarms",
))  # fmt: skip
ERROR_CHARS = 1_000  # ours: what an error says lands in the log, once per delivery


class HostileQueue:
    """Hands batches to the real intake handler and tells what is wrong with what came of them.

    Args:
        laptop: an open one, whose service runs.
        starts: whether executions really start; otherwise the invoke is answered and no more.
    """

    def __init__(self, laptop: Laptop, *, starts: bool) -> None:
        self._laptop = laptop
        self.counts = {"sent back": 0, "incidents": 0, "told": 0, "passed over": 0}
        self._known: set[str] = set()  # slots that the ledger was asked to fill
        if not starts:
            laptop.world.fake("lambda", {"Invoke": lambda _: {"StatusCode": 202, "ExecutedVersion": "1"}})

    def send(self, bodies: Sequence[str]) -> Iterator[str]:
        """One batch; what is wrong, in words."""
        self._laptop.world.requests.clear()
        records = [_record(body, place) for place, body in enumerate(bodies)]
        try:
            answer = intake.handle({"Records": records}, lambda_context())
            back = {f["itemIdentifier"] for f in answer["batchItemFailures"]}
        except Exception as error:  # noqa: BLE001  # the batch as a whole: only where every record has failed
            back = {r["messageId"] for r in records}
            if type(error).__name__ != "BatchProcessingError":
                yield f"unhandled {type(error).__name__}: {error}"
        errors = [e[1] for e in intake.processor.exceptions]
        yield from (f"undeclared {type(e).__name__}: {str(e)[:200]!r}" for e in errors if not _declared(e))
        yield from (
            f"an error of {len(str(e))} characters: {str(e)[:80]!r}" for e in errors if len(str(e)) > ERROR_CHARS
        )
        yield from (f"an error that says nothing: {type(e).__name__}" for e in errors if not str(e).strip())
        if len(errors) != len(back):
            yield f"{len(errors)} errors for {len(back)} records that come again"
        self.counts["sent back"] += len(back)
        requests = tuple(self._laptop.world.requests)
        yield from _changes(requests)
        self._known |= _slots(requests)
        published = sum(r.operation == "Publish" for r in requests)
        yield from self._lost(
            [b for b, r in zip(bodies, records, strict=True) if r["messageId"] not in back], published
        )

    def _lost(self, taken: Sequence[str], published: int) -> Iterator[str]:
        notices = 0
        for body in taken:
            for parsed in parse_body(body):
                if isinstance(parsed, Notice):
                    notices += 1
                    self.counts["told"] += 1
                elif (
                    not isinstance(parsed, Signal)
                    or parsed.resource.account != names.ACCOUNT
                    or not (problem := route(parsed))
                ):
                    self.counts["passed over"] += 1
                elif f"slot#{problem}#{parsed.resource.arn}" in self._known:
                    self.counts["incidents"] += 1
                else:
                    yield f"lost: {parsed.kind} of {parsed.resource.arn[:120]}"
        if notices > published:
            yield f"{notices - published} notices were not published"


def _declared(error: BaseException) -> bool:
    return isinstance(error, EventNotUnderstood) or (
        isinstance(error, RemediatorError) and not isinstance(error, Defect)
    )


def _changes(requests: Sequence[Request]) -> Iterator[str]:
    for r in requests:
        if r.action not in ALLOWED:
            yield f"a request that is none of intake's: {r.action}"
        elif r.service == "dynamodb" and not _on_the_ledger(r.parameters):
            yield f"{r.action} on another table"


def _on_the_ledger(parameters: Mapping[str, Any]) -> bool:
    items = [part for step in parameters.get("TransactItems", ()) for part in step.values()] or [parameters]
    return all(item["TableName"] == names.LEDGER_TABLE for item in items)


def _slots(requests: Sequence[Request]) -> set[str]:
    """Keys of all slots that a request to the ledger wrote to."""
    found = set()
    for r in requests:
        if r.service == "dynamodb" and r.operation != "GetItem":
            steps = [part for step in r.parameters.get("TransactItems", ()) for part in step.values()] or [r.parameters]
            keys = [s.get("Key") or s.get("Item") or {} for s in steps]
            found |= {str(k["pk"]["S"] if isinstance(k["pk"], Mapping) else k["pk"]) for k in keys if "pk" in k}
    return {pk for pk in found if pk.startswith("slot#")}


def _record(body: str, place: int) -> dict[str, Any]:
    sent = body.encode("utf-8", "replace")
    return {
        "messageId": uuid("hostile", place, md5(sent, usedforsecurity=False).hexdigest()),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1764000000000"},
        "messageAttributes": {},
        "md5OfBody": md5(sent, usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{names.REGION}:{names.ACCOUNT}:remediator-signals",
        "awsRegion": names.REGION,
    }
