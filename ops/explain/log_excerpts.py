"""What an excerpt of an application's log tells, by its words and by what it answered.

Sources: the languages' and servers' own wording of crashes (Python, Node.js, Java, Go, Rust, .NET, Ruby, PHP, gunicorn,
uvicorn, nginx, supervisord), Linux's of memory, runc's of starts; guide rows for where each leads.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from remediator.core.problem_titles import NOT_STARTING, RESTARTING
from remediator.core.text import Text, same
from remediator.resources.dynamodb.delete_refusals import refused
from remediator.resources.dynamodb.throttle_reasons import throttled
from remediator.resources.ecs.start_failures import start_failure_text
from remediator.resources.load_balancing.target_health import MISPLACED_CODES
from remediator.resources.load_balancing.target_reasons import FAILING, PATH
from remediator.resources.logs.lines import SLOW_MS, LogLine, lines, probes
from remediator.resources.phrase_rules import PhraseRule, first, plain

THROTTLING = "dynamodb_throttling"
MEMORY, APPLICATION = f"{RESTARTING.id}.out_of_memory", f"{RESTARTING.id}.application_error"
DEFINITION, IMAGE = f"{NOT_STARTING.id}.invalid_task_definition", f"{NOT_STARTING.id}.image_unavailable"
Kind = Literal["incident", "ignore", "unknown"]
QUOTE_CHARS = 160
ECS_SIGNS = ("cannotpull", "cannotstartcontainer", "cannotcreatecontainer", "resourceinitializationerror")

# Signs that stand for one cause in any line, whatever its level.
SURE: tuple[PhraseRule[tuple[str, tuple[str, ...]]], ...] = (
    PhraseRule(any_of=("worker timeout",), row=(APPLICATION, (MEMORY,)), why=Text("a worker did not answer in time and was killed", "ワーカーが時間内に応答せず停止されました")),
    PhraseRule(any_of=("heap out of memory", "java.lang.outofmemoryerror", "outofmemoryerror:", "invoked oom-killer", "out of memory: kill", "cgroup out of memory", "oom-kill", "oomkilled", "exceeds --max-memory-restart", "scavenge might not succeed", "near heap limit", "runtime: out of memory", "std::bad_alloc", "cannot allocate memory", "memoryerror", "nomemoryerror", "allowed memory size of", "outofmemoryexception", "memory allocation of"), row=(MEMORY, (APPLICATION,)), why=Text("memory ran out", "メモリが不足しました")),
    PhraseRule(any_of=("exec format error",), row=(IMAGE, ()), why=Text("the image is built for another CPU architecture", "イメージが別の CPU アーキテクチャ向けです")),
    PhraseRule(any_of=("executable file not found", "can't open '", "cannot open ", "no such file", "permission denied"), and_any_of=("sh: ", "exec ", "exec:", "bin/env: "), none_of=("level=",), row=(DEFINITION, (IMAGE, APPLICATION)), why=Text("the command or its script is not in the image", "起動コマンドまたはスクリプトがイメージにありません")),
    PhraseRule(any_of=(": not found", ": command not found"), and_any_of=("sh: ", "bash: "), row=(DEFINITION, (APPLICATION,)), why=Text("the shell does not know the command", "シェルがコマンドを見つけられません")),
    PhraseRule(any_of=("environment variable",), and_any_of=("is undefined", "is not set", "not set", "is missing", "missing required", "is required", "must be set", "not defined", "is unset", "required environment"), row=(DEFINITION, (APPLICATION,)), why=Text("a variable that the application needs is not in the definition", "必要な環境変数が定義されていません")),
    PhraseRule(any_of=("missing required env", "unbound variable", "parameter not set"), row=(DEFINITION, (APPLICATION,)), why=Text("a variable that the application needs is not in the definition", "必要な環境変数が定義されていません")),
)  # fmt: skip
# Errors of single requests: the process lives on and answers 5xx.
REQUESTS: tuple[PhraseRule[tuple[str, tuple[str, ...]]], ...] = (
    PhraseRule(any_of=("exception in asgi application", "exception on /", "servlet.service() for servlet", "internal server error", "service unavailable: /", "bad gateway: /", "gateway timeout: /"), row=(FAILING, (APPLICATION,)), why=Text("requests end with an error of the application", "リクエスト処理中にアプリケーションエラーが発生しています")),
    PhraseRule(any_of=("while connecting to upstream", "while reading response header from upstream", "no live upstreams", "upstream timed out", "upstream prematurely closed", "limiting connections by zone", "limiting requests"), row=(FAILING, (APPLICATION,)), why=Text("the proxy gets no proper answer, or turns requests away", "プロキシが正常な応答を得られないか、リクエストを制限しています")),
)  # fmt: skip
CRASH = re.compile(
    r"\b(?:[A-Z][\w.]{0,80}(?:Error|Exception|Fault)|LoadError|HaltServer)\b(?=[:\s()\]}'\"]|$)"
    r"|Traceback \(most recent call last\)|^panic: |\bpanicked at\b|goroutine \d+ \[|\[signal SIG"
    r"|\b[Uu]nhandled (?:exception|rejection|promise)|\bUncaught\b|\b[Ff]atal error\b|\bFATAL ERROR\b|Segmentation fault|core dumped"
    r"|\bECONNREFUSED\b|\bETIMEDOUT\b|\bENOTFOUND\b|\bEADDRINUSE\b|[Cc]onnection refused|(?:[Cc]annot|[Cc]ould not|[Ff]ailed to) connect"
    r"|[Cc]onnection failed|[Ff]ailed to (?:boot|start)\b|FAILED TO START|[Cc]ode [1-9]\d{0,2}\b(?=[;,)]|$)"
    r"|error while loading shared libraries|[Ff]ailed to load command|[Uu]nable to locate credentials|[Vv]alidation error\b"
    r"|\b[A-Z]\w{1,60}::[A-Z]\w{1,60}(?=[: ])|\b\w{1,60}\.(?:exceptions|errors)\.[A-Z]\w{1,60}|\buncaughtException\b"
    r"|exited with (?:code|status) [1-9]|exit status [1-9]\d{0,2}; not expected|\bnpm ERR!"
)
# Clients that go away and strangers that speak something else: errors by name, no fault of the application.
NOISE = (
    "clientabortexception", "broken pipe", "client disconnected", "client prematurely closed", "client closed connection",
    "badstatusline", "bad status line", "invalid http request", "bad request version", "bad http/0.9", "invalid request from ip",
    "tls handshake error", "requestabortederror", "request aborted",
)  # fmt: skip
HEADER = "Traceback (most recent call last)"
# A supervisor that sees a process die may call it news.
DIED = re.compile(
    r"exit status [1-9]\d{0,2}; not expected|entered FATAL state|Main process exited, code=\w{1,10}, status=[1-9]"
    r"|\bexited with (?:code|status)[: ]{1,2}\[?[1-9]|app crashed - waiting|Back-off restarting"
)
GATEWAY = re.compile(r"\b(502|503|504) (?:Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)")
MISSING = re.compile(r"^\W{0,3}(?:\w{1,10} )?Not Found: (?P<path>/\S{0,200})")  # Django's log of its own 404
# Names that look like errors and are news: Python's warnings, a class that is loaded, `error: null`.
WARNING_CLASS = re.compile(r"\b\w{0,60}Warning\b")
STRANGER = re.compile(r"Invalid HTTP_HOST header:\s{0,4}'(?P<host>[^']{1,253})'", re.IGNORECASE)
PRIVATE = re.compile(r"(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\.[\d.]+(?::\d{1,5})?")
GOOD = re.compile(
    r"\b(?:listening (?:on|at)|started|ready (?:to|for|in)|running on|startup complete|accepting connections|health(?:y| check passed)"
    r"|SIGTERM|shutting down gracefully)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogTold:
    """What an excerpt tells; `quote` is the line that decided, cut: give an excerpt that is without secrets already."""

    kind: Kind
    row: str | None = None
    why: Text
    also: tuple[str, ...] = ()
    quote: str = ""


def told_by_log(text: str) -> LogTold:
    """What a log's excerpt tells: the surest sign decides, good news only where there is no other."""
    read = tuple(line for line in lines(text) if line.text.strip())
    if not read:
        return LogTold(kind="unknown", why=Text("there is no line", "ログの行がありません"))
    for look in (
        _stranger,
        _ecs,
        _sure,
        _throttled,
        _undeletable,
        _balancer,
        _answers,
        _noise,
        _requests,
        _crashed,
        _slow,
        _good,
    ):
        if found := look(read):
            return found
    return LogTold(
        kind="unknown", why=Text("no line tells of trouble or of its absence", "異常の有無を示す行がありません")
    )


def _incident(row: str, also: tuple[str, ...], why: Text, line: LogLine) -> LogTold:
    return LogTold(kind="incident", row=row, also=also, why=why, quote=line.text.strip()[:QUOTE_CHARS])


def _stranger(read: Sequence[LogLine]) -> LogTold | None:
    """Django refuses a Host header: a scanner's is noise; a private address is the load balancer's own check."""
    found = [(line, hit) for line in read if (hit := STRANGER.search(line.text))]
    if not found:
        return None
    if own := next((line for line, hit in found if PRIVATE.fullmatch(hit["host"])), None):
        why = Text(
            "the application refuses the health check's Host header", "ヘルスチェックの Host ヘッダーを拒否しています"
        )
        return _incident(FAILING, (PATH,), why, own)
    why = Text("strangers ask for hosts that are not served", "外部からの無関係な Host 宛てのリクエストです")
    return LogTold(kind="ignore", why=why, quote=found[0][0].text.strip()[:QUOTE_CHARS])


def _sure(read: Sequence[LogLine]) -> LogTold | None:
    for line in read:
        if line.level != "fine" and (found := first(SURE, plain(line.text))):
            (row, also), why = found[0].row, found[0].why
            return _incident(row, also, why, line)
    return None


def _throttled(read: Sequence[LogLine]) -> LogTold | None:
    for line in read:
        if line.level != "fine" and "hroughput" in line.text and (found := throttled(line.text)) and found[0]:
            row, also = found[0]
            return _incident(f"{THROTTLING}.{row}", tuple(f"{THROTTLING}.{r}" for r in also), found[2], line)
    return None


def _ecs(read: Sequence[LogLine]) -> LogTold | None:
    """Tools that deploy repeat ECS's own reasons in their logs."""
    for line in read:
        text = line.text.lower()
        if any(sign in text for sign in ECS_SIGNS) and (failure := start_failure_text(line.text)).row:
            return _incident(f"{NOT_STARTING.id}.{failure.row}", (), failure.because, line)
    return None


def _undeletable(read: Sequence[LogLine]) -> LogTold | None:
    for line in read:
        text = line.text.lower()
        if ("deletetable" in text or "delete table" in text) and (found := refused(line.text)):
            return _incident(f"dynamodb_table_undeletable.{found.row}", (), found.means, line)
    return None


def _balancer(read: Sequence[LogLine]) -> LogTold | None:
    why = Text("the load balancer answered by itself", "ロードバランサー自身が応答しています")
    if found := next((line for line in read if line.balancer), None):
        return _incident(f"alb_gateway_errors.{found.balancer}", (), why, found)
    if any("awselb/2.0" in line.text for line in read):  # the load balancer's own Server header
        for line in read:
            if status := GATEWAY.search(line.text):
                return _incident(f"alb_gateway_errors.{status[1]}", (), why, line)
    return None


def _answers(read: Sequence[LogLine]) -> LogTold | None:
    if bad := next((line for line in read if line.status >= 500), None):
        why = same(f"{bad.status}: ") + Text(
            "the application answers with an error", "アプリケーションがエラーを返しています"
        )
        return _incident(FAILING, (APPLICATION,), why, bad)
    if bad := next((line for line in read if line.probe and line.status in MISPLACED_CODES), None):
        why = same(f"{bad.path} {bad.status}: ") + Text(
            "not what answers a health check", "ヘルスチェックに応答するパスではありません"
        )
        return _incident(PATH, (FAILING,), why, bad)
    gone = next(((line, hit) for line in read if (hit := MISSING.match(line.text)) and probes(hit["path"])), None)
    if gone:
        why = Text("nothing answers a health check there", "そのパスはヘルスチェックに応答しません")
        return _incident(PATH, (FAILING,), why, gone[0])
    return None


def _noise(read: Sequence[LogLine]) -> LogTold | None:
    """Nothing but errors that clients made."""
    noisy = [line for line in read if any(sign in line.text.lower() for sign in NOISE)]
    if not noisy or any(_crash(line.text) and HEADER not in line.text for line in read if line not in noisy):
        return None
    why = Text("a client went away or sent no proper request", "クライアントの切断または不正なリクエストです")
    return LogTold(kind="ignore", why=why, quote=noisy[0].text.strip()[:QUOTE_CHARS])


def _requests(read: Sequence[LogLine]) -> LogTold | None:
    for line in read:
        if line.level != "fine" and (found := first(REQUESTS, plain(line.text))):
            (row, also), why = found[0].row, found[0].why
            return _incident(row, also, why, line)
    return None


def _crashed(read: Sequence[LogLine]) -> LogTold | None:
    why = Text("the application ends or fails by an error of its own", "アプリケーション自身のエラーです")
    crash = next((line for line in read if line.level in ("", "error") and _crash(line.text)), None)
    crash = crash or next((line for line in read if DIED.search(line.text)), None)
    if crash is None:
        crash = next((line for line in read if line.level == "error"), None)
    return _incident(APPLICATION, (), why, crash) if crash else None


def _crash(text: str) -> bool:
    return bool(CRASH.search(WARNING_CLASS.sub("", text) if "Warning" in text else text))


def _slow(read: Sequence[LogLine]) -> LogTold | None:
    slow = next((line for line in read if line.took_ms >= SLOW_MS), None)
    if slow is None:
        return None
    why = same(f"{slow.took_ms:.0f} ms: ") + Text("the application answers too late", "応答が遅すぎます")
    also = ("alb_slow_response.task_resources", "alb_slow_response.dynamodb_latency")
    return _incident(FAILING, also, why, slow)


def _good(read: Sequence[LogLine]) -> LogTold | None:
    fine = next((line for line in read if line.level in ("fine", "warning") or 0 < line.status < 500), None)
    fine = fine or next((x for x in read if GOOD.search(x.text) or WARNING_CLASS.search(x.text)), None)
    if fine is None:
        return None
    why = Text("nothing but news and warnings", "通常の情報と警告のみです")
    return LogTold(kind="ignore", why=why, quote=fine.text.strip()[:QUOTE_CHARS])
