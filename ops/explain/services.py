"""Target health, DynamoDB's errors and metrics, bucket policies and logs."""

from collections.abc import Mapping
from typing import Any

from remediator.core.text import Text, same
from remediator.redaction.redact import outside
from remediator.resources.dynamodb.delete_refusals import Refusal, operation_in, refused
from remediator.resources.dynamodb.throttle_reasons import ALL_ROWS, by_metric, by_reason, throttled
from remediator.resources.load_balancing.model import TargetState
from remediator.resources.load_balancing.target_health import LEAVING
from remediator.resources.load_balancing.target_reasons import ROWS, UNHEALTHY, rows_of
from remediator.resources.s3 import bucket_policy
from remediator.resources.s3.origin_read import OriginRead

from .ecs import text_of
from .explanation import Explained, ignored, incident, quoted, unknown
from .log_excerpts import told_by_log

THROTTLING, UNDELETABLE = "dynamodb_throttling", "dynamodb_table_undeletable"
POLICY_ROW = "cloudfront_not_delivering.bucket_policy"
TARGET_ROWS = tuple(dict.fromkeys(row for rows, _ in ROWS.values() for row in rows if row.startswith(UNHEALTHY)))
REASONS = 20
LOG_CHARS = 100_000
DATA_CALLS = ("Get", "Put", "Query", "Scan", "Batch", "Transact", "UpdateItem", "DeleteItem", "Execute")
METRIC = Text("metric ", "メトリクス ")


def explained_target(response: Mapping[str, Any]) -> Explained:
    """The row that one target's health speaks for."""
    target = TargetState(
        id="",
        state=text_of(response.get("State") or response.get("state"), 40).lower(),
        reason=text_of(response.get("Reason") or response.get("reason"), 100),
        description=text_of(response.get("Description") or response.get("description"), 1000),
    )
    said = same(quoted(" ".join(p for p in (target.state, target.reason, target.description) if p)) + ": ")
    if target.reason == "Target.IpUnusable":
        return unknown(
            said + Text("the address belongs to a load balancer", "このアドレスはロードバランサーのものです")
        )
    if target.state in (*LEAVING, "healthy", "initial"):
        return ignored(said + _STATES[target.state if target.state in _STATES else "draining"])
    found = rows_of(target) if target.state == "unhealthy" else None
    if found is None:
        return unknown(said + Text("it does not say why", "理由が示されていません"), TARGET_ROWS)
    return incident(found[0][0], said + found[1], found[0][1:])


_STATES: Mapping[str, Text] = {
    "healthy": Text("it passes its checks", "チェックに成功しています"),
    "initial": Text("it is being registered and checked for the first time", "登録と初回チェックの途中です"),
    "draining": Text("it is leaving", "登録解除中です"),
    "unused": Text("no traffic is meant for it", "トラフィックの対象ではありません"),
}


def explained_dynamodb(response: Mapping[str, Any]) -> Explained:
    """The row that an error of DynamoDB speaks for."""
    operation = text_of(response.get("operation"), 200)
    text = " ".join(p for p in (text_of(response.get("exception"), 300), text_of(response.get("message"))) if p)
    operation = operation or operation_in(text)
    listed = response.get("throttlingReasons") or response.get("ThrottlingReasons")
    if by_reasons := _by_reasons(listed):
        return by_reasons
    if found := throttled(text):
        row, word, why = found
        because = same(quoted(word) + ": ") + why
        if row is None:
            return unknown(because)
        return incident(f"{THROTTLING}.{row[0]}", because, tuple(f"{THROTTLING}.{r}" for r in row[1]))
    if not operation.startswith(DATA_CALLS) and (refusal := refused(text, operation)):
        return _deletion(refusal, text)
    return unknown(same(quoted(f"{operation} {text}".strip()) + ": ") + NO_ROW)


def _by_reasons(listed: Any) -> Explained | None:
    reasons = (
        [text_of(r.get("reason"), 200) for r in listed[:REASONS] if isinstance(r, Mapping)]
        if isinstance(listed, list)
        else []
    )
    rows = [(reason, row) for reason in reasons if (row := by_reason(reason))]
    if rows:
        also = tuple(dict.fromkeys(f"{THROTTLING}.{row}" for _, row in rows[1:]))
        return incident(f"{THROTTLING}.{rows[0][1]}", same(quoted(rows[0][0])), also)
    if any(reasons):
        return unknown(same(quoted(", ".join(reasons)) + ": ") + NO_ROW, tuple(f"{THROTTLING}.{r}" for r in ALL_ROWS))
    return None


def _deletion(refusal: Refusal, text: str) -> Explained:
    also = () if refusal.certain else tuple(f"{UNDELETABLE}.{row}" for row in ("index_creating", "backup_enabled"))
    return incident(f"{UNDELETABLE}.{refusal.row}", same(quoted(text) + ": ") + refusal.means, also)


NO_ROW = Text("no row of the guide", "該当する項目はありません")


def explained_metric(namespace: str, name: str) -> Explained:
    """The row that an alarm on a metric of DynamoDB speaks for."""
    said = METRIC + same(quoted(f"{namespace} {name}"))
    row = by_metric(name) if namespace == "AWS/DynamoDB" else None
    if row:
        return incident(f"{THROTTLING}.{row}", said)
    throttles = namespace == "AWS/DynamoDB" and "Throttle" in name
    also = tuple(f"{THROTTLING}.{r}" for r in ALL_ROWS) if throttles else ()
    return unknown(said + Text(": it tells no cause", "：原因は示されていません"), also)


def explained_policy(response: Mapping[str, Any]) -> Explained:
    """Whether a bucket policy lets the distribution read."""
    read = OriginRead(
        bucket=text_of(response.get("bucket"), 255),
        distribution=text_of(response.get("distribution_id"), 64),
        account=text_of(response.get("account"), 64),
    )
    admission = bucket_policy.judge(response.get("policy"), read)
    why = Text(quoted(admission.why.en)[1:-1], quoted(admission.why.ja)[1:-1])
    if admission.at_fault:
        return incident(POLICY_ROW, why)
    if admission.word == "cannot_tell":
        return unknown(why, (POLICY_ROW,))
    return Explained(outcome="ok", because=why)


def _both_ends(text: str) -> str:
    """The first and the last lines of a long log: how it began and how it ended."""
    if len(text) <= LOG_CHARS:
        return text
    first, last = text[: LOG_CHARS // 2], text[-LOG_CHARS // 2 :]
    return first[: first.rfind("\n") + 1 or None] + last[last.find("\n") + 1 :]


def explained_log(text: str) -> Explained:
    """The row that a log's excerpt speaks for."""
    log_told = told_by_log(outside(_both_ends(text), LOG_CHARS))  # what is quoted of it is cut, so secrets go before
    because = log_told.why + (same(f" {quoted(log_told.quote)}") if log_told.quote else Text("", ""))
    if log_told.kind == "ignore":
        return ignored(because)
    return incident(log_told.row, because, log_told.also) if log_told.row else unknown(because, log_told.also)
