"""What a message of a service's event list tells.

Sources: ECS developer guide, service event messages and service unhealthy event messages; Application Auto Scaling's
messages that the console lists beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...core.problem_titles import NOT_STARTING, RESTARTING, TARGETS_UNHEALTHY
from ...core.text import Text, same
from ...redaction.redact import outside
from ..load_balancing.target_reasons import rows_of_words
from ..phrase_rules import PhraseRule, decided_by, first, plain
from .start_failures import NOT_DOCUMENTED, named, start_failure_text

HEALTH = Text("tasks are stopped by a health check", "タスクがヘルスチェックにより停止しています")
START_ROWS = tuple(
    f"{NOT_STARTING.id}.{row}"
    for row in (
        "image_unavailable",
        "missing_permissions",
        "network_blocked",
        "invalid_task_definition",
        "insufficient_resources",
    )
)
Kind = Literal["incident", "ignore", "unknown"]
SAID_CHARS = 120
BEHIND = ("reason:", "with (error ", "with error ", "encountered error", "error:")
_NEWS = Text("normal work of the service", "サービスの通常の動作です")
_READ_TASKS = Text(
    "tasks fail, and why stands in the stopped tasks", "タスクが失敗しています。理由は停止したタスクに記録されています"
)
_NO_ROOM = Text("no instance or zone has room for the task", "タスクを配置できるインスタンスやゾーンがありません")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMessage:
    """What one message tells.

    Attributes:
        kind: `ignore` is understood and no incident; `unknown` tells of trouble whose cause is not in the message, or
            is no message that AWS documents.
        row: full row id of an incident, such as `ecs_task_not_starting.network_blocked`.
        because: the words that decided.
        also: other rows that remain possible.
        code: id of the error table, empty where none fits.
        named: what the message names, as `start_failure.named`.
    """

    kind: Kind
    row: str | None = None
    because: Text
    also: tuple[str, ...] = ()
    code: str = ""
    named: Mapping[str, str] = field(default_factory=dict)


Rules = tuple[PhraseRule[tuple[Kind, tuple[str, ...]]], ...]


# Trouble is looked for first: a message may tell of a scale event and of what kept it from working.
TROUBLE: Rules = (
    PhraseRule(any_of=("tasks under protection", "under scale-in protection"), row=("ignore", ()), why=Text("protected tasks are kept on purpose", "保護されたタスクを意図的に残しています")),
    PhraseRule(any_of=("target is not found",), row=("incident", (f"{RESTARTING.id}.health_check_failing", f"{TARGETS_UNHEALTHY.id}.wrong_port")), why=Text("the task is not among the targets", "タスクがターゲットに登録されていません")),
    PhraseRule(any_of=("iam trust relationship",), row=("incident", (f"{NOT_STARTING.id}.missing_permissions",)), why=Text("ECS may not assume the role", "ECS がロールを引き受けられません")),
    PhraseRule(any_of=("waiting for amazon ecs agent to start",), row=("incident", (f"{NOT_STARTING.id}.insufficient_resources",)), why=Text("the instance's agent does not run", "インスタンスのエージェントが動作していません")),
    PhraseRule(any_of=("missing an attribute required", "missing required attribute"), row=("incident", (f"{NOT_STARTING.id}.invalid_task_definition", f"{NOT_STARTING.id}.insufficient_resources")), why=Text("no instance has an attribute that the definition needs", "定義が必要とする属性を持つインスタンスがありません")),
    PhraseRule(any_of=("no container instance met all of", "no container instances were found", 'encountered error "agent"'), row=("incident", (f"{NOT_STARTING.id}.insufficient_resources",)), why=_NO_ROOM),
    PhraseRule(any_of=("health checks failed in", "failed elb health checks", "failed container health checks"), row=("incident", (f"{RESTARTING.id}.health_check_failing",)), why=HEALTH),
    PhraseRule(any_of=("reason: internal error",), row=("incident", (f"{NOT_STARTING.id}.insufficient_resources", f"{NOT_STARTING.id}.network_blocked")), why=Text("AWS documents it as a subnet in a zone without Fargate", "Fargate 非対応のゾーンのサブネットと AWS が説明しています")),
    PhraseRule(any_of=("operations are being throttled",), row=("unknown", ()), why=Text("ECS's own API limits; it tries again", "ECS の API 制限によるもので、自動で再試行されます")),
    PhraseRule(any_of=("unable to consistently start tasks", "tasks failed to start", "could not launch", "deployment failed"), row=("unknown", (*START_ROWS, f"{RESTARTING.id}.application_error", f"{RESTARTING.id}.health_check_failing")), why=_READ_TASKS),
    PhraseRule(any_of=("because of the service deployment configuration",), row=("unknown", ()), why=Text("minimumHealthyPercent and maximumPercent leave no room for a deployment", "minimumHealthyPercent と maximumPercent の設定ではデプロイを進められません")),
)  # fmt: skip
NEWS: Rules = (
    PhraseRule(any_of=("has reached a steady state", "reached steady state", "deployment completed", "deployment in progress"), row=("ignore", ()), why=_NEWS),
    PhraseRule(any_of=("deregistered ", "registered ", "begun draining", "has drained"), none_of=("failed to", "unable to", "error"), row=("ignore", ()), why=_NEWS),
    PhraseRule(any_of=("az balanced", "az rebalanc"), none_of=("unable to place",), row=("ignore", ()), why=_NEWS),
    PhraseRule(any_of=("has started ", "has stopped ", "stopped ", "started "), and_any_of=(" task", " tasks"), none_of=("unable to", "failed", "could not"), row=("ignore", ()), why=_NEWS),
    PhraseRule(any_of=("successfully set desired count", "desired count", "computeddesiredcount", "minimum capacity was set", "maximum capacity was set"), none_of=("failed", "unable to", "could not"), row=("ignore", ()), why=Text("autoscaling or a person set the count", "Auto Scaling または人がタスク数を変更しました")),
    PhraseRule(any_of=("rolling back to deployment", "rolled back to"), row=("ignore", ()), why=Text("ECS rolls back by itself", "ECS が自動でロールバックしています")),
)  # fmt: skip


def service_message(text: str) -> ServiceMessage:
    """What a message tells, with or without its `(service x)` before it."""
    result = plain(text)
    if "is unhealthy in" in result or ("unhealthy" in result and "due to (reason" in result):
        return _unhealthy(text, result)
    if (cause := _behind(text, result)) is not None:
        return cause
    for rules in (TROUBLE, NEWS):
        if found := first(rules, result):
            rule, word = found
            return _by(rule.row, same(f"“{decided_by(text, word)}”: ") + rule.why, text)
    return ServiceMessage(kind="unknown", because=NOT_DOCUMENTED, named=named(text))


def _by(row: tuple[Kind, tuple[str, ...]], because: Text, text: str) -> ServiceMessage:
    kind, rows = row
    sure = rows[0] if kind == "incident" else None
    code = start_failure_text(text).code if kind != "ignore" else ""
    return ServiceMessage(
        kind=kind, row=sure, because=because, also=rows[1:] if sure else rows, code=code, named=named(text)
    )


def _behind(text: str, found: str) -> ServiceMessage | None:
    """The cause that stands behind `unable to place a task. Reason:` or `failed to launch a task with (error`."""
    if not any(
        words in found for words in ("unable to place", "failed to launch", "failed to start", "unable to start")
    ):
        return None
    at = max((found.find(sign) + len(sign) for sign in BEHIND if sign in found), default=0)
    if not at or first(TROUBLE[:2], found):
        return None
    reason = text[at:]
    failure = start_failure_text(reason)
    if failure.row is None:
        return None
    row = f"{NOT_STARTING.id}.{failure.row}"
    return ServiceMessage(kind="incident", row=row, because=failure.because, code=failure.code, named=failure.named)


def _unhealthy(text: str, found: str) -> ServiceMessage:
    """A target's own health-check reason, as ECS repeats it."""
    at = found.find("(reason ")
    reason = text[at + 8 :] if at >= 0 else text
    said, names = same(f"“{outside(reason.strip(' ).'), SAID_CHARS)}”: "), named(text)
    if "target is not found" in found or "unhealthythreshold" in found:
        return ServiceMessage(
            kind="incident", row=f"{RESTARTING.id}.health_check_failing", because=said + HEALTH, named=names
        )
    rows = rows_of_words(reason)
    because = said + (rows[1] if rows else NOT_DOCUMENTED)
    if rows is None:
        return ServiceMessage(kind="unknown", because=because, named=names)
    return ServiceMessage(kind="incident", row=rows[0][0], because=because, also=rows[0][1:], named=names)
