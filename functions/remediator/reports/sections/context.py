"""Blocks that tell what lay around an incident: who changed what in the hour before, and what the application logged."""

from ...core.model import Resource
from ...core.plan import Advise
from ...core.text import Text, same
from ...core.timestamps import after
from ...incidents.case import Case
from ...incidents.context import IncidentContext, Noted
from ...resources.cloudtrail.callers import CallerKind
from ...resources.cloudtrail.history import LAG_S, ApiEvent
from ...resources.cloudtrail.records import LEFT_OUT
from ...resources.logs.digest import LogDigest, ShapeCount
from ..blocks import Block, Item, Quote, Shown, Statement
from ..moments import clock, within
from ..sentences import indented, told

TRACE_QUOTED = 15
CALLS_TOLD = 8
RESOURCE_CHARS = 160
CHANGED = Text("Who changed what in the hour before", "直前 1 時間の変更")
LOGGED = Text("What the application logged around it", "前後のアプリケーションログ")
_KINDS: dict[CallerKind, Text] = {
    "person": Text("a person", "人"),
    "pipeline": Text("a pipeline", "パイプライン"),
    "service": Text("a service", "サービス"),
    "ours": Text("this program", "本プログラム"),
    "unknown": Text("unknown sort of caller", "種別不明"),
}


def changed(case: Case, zone: str) -> Block | None:
    """Calls of the hour before, newest first, or that there were none, or why that is not known."""
    found = case.background
    if found is None:
        return None
    items: list[Item] = [_call(n, case, zone) for n in found.calls[:CALLS_TOLD]]
    if (more := found.more_calls + max(0, len(found.calls) - CALLS_TOLD)) > 0:
        items.append(Statement(Text(f"{more} more are in CloudTrail.", f"ほか {more} 件は CloudTrail にあります。")))
    if found.since and not found.calls:
        items.append(Statement(_nobody(found, case, zone)))
    if found.since:
        items.append(Statement(_reach(found, case, zone)))
    items += [Statement(_not_all(cut)) for cut in found.cut]
    if found.history_gap:
        items.append(Statement(_not_read(Text("CloudTrail", "CloudTrail"), found.history_gap)))
    return Block("changed", CHANGED, tuple(items))


def _call(noted: Noted, case: Case, zone: str) -> Shown:
    call = noted.call
    marks = []
    if call.changes_permissions:
        marks.append(Text("permission change", "権限の変更"))
    if call.error_code:
        marks.append(Text(f"failed: {told(call.error_code, 60)}", f"失敗: {told(call.error_code, 60)}"))
    if not noted.own:
        marks.append(Text("other resource", "別のリソース"))
    on = _on(call)
    by = told(call.by, 120)
    kind = _KINDS[call.kind]
    end = Text(
        "".join(f" [{m.en}]" for m in marks),
        "".join(f"［{m.ja}］" for m in marks),
    )
    where = same("")
    if on:
        where = Text(f" on {on}", f"、対象 {on}") if call.resources else Text(f" with {on}", f"、指定値 {on}")
    who = Text(f"by {by} ({kind.en})", f"{by}（{kind.ja}）")
    return Shown(same(f"{clock(call.at, case.at, zone)} {told(call.name, 80)}"), who + where + end)


def _on(call: ApiEvent) -> str:
    """On what, and with which harmless parameters: `portfolio-api (healthCheckPath=/healthz)`."""
    named = tuple(dict.fromkeys(map(_name, call.resources[:4])))
    plain = {k: _name(v) for k, v in call.parameters.items() if v and v != LEFT_OUT}
    asked = ", ".join(f"{k}={v}" for k, v in plain.items() if v not in named)
    whole = f"{', '.join(named)} ({asked})" if named and asked else ", ".join(named) or asked
    return told(whole, RESOURCE_CHARS)


def _name(resource: str) -> str:
    return Resource("", resource).name if resource.count(":") >= 5 else resource


def _nobody(found: IncidentContext, case: Case, zone: str) -> Text:
    since = clock(found.since, case.at, zone)
    return Text(
        f"CloudTrail tells of no change of these resources, no failed call on them and no change of permissions since {since}.",
        f"{since} 以降、対象リソースの変更、失敗した呼び出し、権限の変更は CloudTrail に記録されていません。",
    )


def _reach(found: IncidentContext, case: Case, zone: str) -> Text:
    until = clock(after(found.at, -LAG_S), case.at, zone)
    return Text(
        f"CloudTrail is up to 15 minutes late: calls after {until} may be missing.",
        f"CloudTrail の記録は最大 15 分遅れるため、{until} 以降の呼び出しは含まれていない可能性があります。",
    )


def _not_all(cut: str) -> Text:
    why = told(cut).rstrip(".")
    return Text(f"Not all was read: {why}.", f"一部のみ読み取りました: {why}。")


def _not_read(what: Text, why: str) -> Text:
    because = told(why).rstrip(".")
    return Text(f"{what.en} could not be read: {because}.", f"{what.ja} を読み取れませんでした: {because}。")


def logged(case: Case, zone: str) -> Block | None:
    """Errors by their shape with count and times, and the first stack trace where it is not quoted already."""
    found = case.background
    if found is None:
        return None
    log = found.log
    if log is None:
        return Block("logged", LOGGED, (Statement(_not_read(Text("The log", "ログ"), found.log_gap)),))
    items: list[Item] = [Statement(_overview(log, case, zone)), *(_shape(s, case, zone) for s in log.shapes)]
    if log.more_shapes:
        items.append(
            Statement(Text(f"{log.more_shapes} more kinds of error.", f"ほか {log.more_shapes} 種類のエラー。"))
        )
    items += _trace(log, case, zone)
    if not log.complete:
        items.append(Statement(_not_all(log.cut)))
    return Block("logged", LOGGED, tuple(items))


def _overview(log: LogDigest, case: Case, zone: str) -> Text:
    group, since, until = told(log.group, 120), clock(log.since, case.at, zone), clock(log.until, case.at, zone)
    if not log.errors:
        return Text(
            f"No error in {group} between {since} and {until} ({log.events} events looked at).",
            f"{group} には {since} から {until} までエラーがありません（確認 {log.events} 件）。",
        )
    first, last = clock(log.first_at, case.at, zone), clock(log.last_at, case.at, zone)
    ja = f"最初 {within(log.first_at, case.at, zone)}、最後 {within(log.last_at, case.at, zone)}"
    return Text(
        f"{log.errors} errors in {group} between {since} and {until}: the first at {first}, the last at {last}.",
        f"{group} に {since} から {until} までに {log.errors} 件のエラー（{ja}）。",
    )


def _shape(shape: ShapeCount, case: Case, zone: str) -> Shown:
    first, last = clock(shape.first_at, case.at, zone), clock(shape.last_at, case.at, zone)
    ja = f"{within(shape.first_at, case.at, zone)} から {within(shape.last_at, case.at, zone)}"
    times = Text(f"{shape.count} x, from {first} to {last}", f"{shape.count} 件（{ja}）")
    if shape.count == 1:
        times = Text(f"once, at {first}", f"1 件（{within(shape.first_at, case.at, zone)}）")
    return Shown(times, same(told(shape.sample)))


def _trace(log: LogDigest, case: Case, zone: str) -> list[Item]:
    quoted = case.decision.quote if isinstance(case.decision, Advise) else ()
    if not log.trace or tuple(quoted) == log.trace:
        return []
    lines = log.trace
    if len(lines) > TRACE_QUOTED:
        kept = TRACE_QUOTED // 2
        lines = (*lines[:kept], "    …", *lines[-kept:])
    at, stream = clock(log.trace_at, case.at, zone), told(log.trace_stream, 160)
    ja = within(log.trace_at, case.at, zone)
    lead = Text(f"First stack trace, at {at} in {stream}:", f"最初のスタックトレース（{ja}、{stream}）:")
    return [Statement(lead), *(Quote(indented(line)) for line in lines)]
