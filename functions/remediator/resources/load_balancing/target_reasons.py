"""Which rows the health of one target speaks for, the likeliest first. Source: guide rows; AWS, ELB health-check reasons."""

from collections.abc import Mapping

from ...core.problem_titles import TARGETS_UNHEALTHY
from ...core.text import Text
from ..phrase_rules import plain
from .model import TargetState
from .target_health import Failure, codes, failure

UNHEALTHY = TARGETS_UNHEALTHY.id
PATH, PORT, CLOSED, FAILING = (
    f"{UNHEALTHY}.{row}" for row in ("wrong_path", "wrong_port", "security_group_closed", "application_failing")
)
ENDED = "ecs_task_restarting.application_error"
OVERLOADED = frozenset((408, 425, 429))  # RFC 9110, RFC 6585: the server is there and does not keep up

ROWS: Mapping[Failure, tuple[tuple[str, ...], Text]] = {
    "misplaced": (
        (PATH, FAILING),
        Text("the target answers, but not on this path", "ターゲットは応答しますが、このパスではありません"),
    ),
    "refused_success": (
        (PATH,),
        Text("the matcher refuses a success code", "成功コードをマッチャーが受け付けていません"),
    ),
    "other_answer": (
        (PATH, FAILING),
        Text("the target refuses this request", "ターゲットがこのリクエストを拒否しています"),
    ),
    "server_error": (
        (FAILING,),
        Text("the application answers with an error", "アプリケーションがエラーを返しています"),
    ),
    "silent": ((CLOSED, FAILING, PORT), Text("no answer comes back", "応答が返ってきません")),
    "not_connected": (
        (PORT, FAILING, ENDED),
        Text("nothing takes the connection on this port", "このポートで接続を受け付けていません"),
    ),
}
# As ECS repeats the load balancer's reasons in its own messages, and as the API words them.
WORDED: Mapping[str, str] = {
    "with these codes": "Target.ResponseCodeMismatch",
    "timed out": "Target.Timeout",
    "health checks failed": "Target.FailedHealthChecks",
}


def rows_of(target: TargetState) -> tuple[tuple[str, ...], Text] | None:
    """Rows and why, for a target that is unhealthy; None where its reason does not tell."""
    failed = failure(target)
    if failed == "other_answer" and any(code in OVERLOADED for code in codes(target)):
        return (FAILING,), ROWS["server_error"][1]
    return ROWS.get(failed)


def rows_of_words(reason: str) -> tuple[tuple[str, ...], Text] | None:
    """The same of a health-check reason in words: `Health checks failed with these codes: [404]`."""
    text = plain(reason)
    if "internal error" in text:
        return None
    code = next((code for words, code in WORDED.items() if words in text), "")
    return rows_of(TargetState(id="", state="unhealthy", reason=code, description=reason[:1000]))
