"""What happened when, from the first signal to the verdict, in people's words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...core.model import OVER, Signal
from ...core.text import Text, same
from ...incidents.case import Case
from ...incidents.record import IncidentRecord
from ...incidents.response_clocks import Clock
from ..sections.response_clocks import NAMES
from ..sentences import clause, told, told_text
from ..status import WORDS

Kind = Literal[
    "signal", "opened", "report", "question", "answer", "update", "change", "undo", "clock", "final", "verdict", "lease"
]
ORDER: tuple[Kind, ...] = (
    "signal", "opened", "report", "question", "answer", "update", "change", "clock", "undo", "final", "verdict", "lease",
)  # fmt: skip
SIGNALS_SHOWN = 8
REPORTS = {
    "first": Text("First report sent", "初回報告を送信"),
    "ask": Text("A person is asked", "担当者に承認を依頼"),
    "update": Text("Report: no change, still watched", "報告: 変更なし、監視継続"),
    "escalation": Text("Escalated", "エスカレーション"),
    "final": Text("Final report sent", "最終報告を送信"),
}
KIND_OF: dict[str, Kind] = {"ask": "question", "update": "update", "final": "final"}
EVENTS = {
    "ecs_task_stopped": Text("ECS task stopped", "ECS タスクの停止"),
    "ecs_service_action": Text("ECS service event", "ECS サービスイベント"),
    "ecs_deployment_failed": Text("ECS deployment failed", "ECS デプロイの失敗"),
    "table_delete_refused": Text("table deletion refused", "テーブル削除の拒否"),
    "handed_over": Text("handed over by another incident", "他のインシデントからの引き継ぎ"),
    "lease_due": Text("a temporary raise is due", "一時変更の返却期限"),
    "recover": Text("recovery asked for", "復旧操作の依頼"),
}
ANSWERS = {
    "approve": Text("Approved", "承認"),
    "refuse": Text("Refused", "却下"),
    "hold": Text("Put off for an hour", "1 時間延期"),
    "expired": Text("Nobody answered in time", "期限までに回答なし"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One moment of an incident.

    Attributes:
        at: ISO 8601, UTC.
        kind: for its mark.
        what: one line for people; outside text in it is redacted and bounded.
        ok: False where it is bad news, such as a clock that was missed.
    """

    at: str
    kind: Kind
    what: Text
    ok: bool = True


def timeline(dossier: IncidentRecord) -> tuple[Happening, ...]:
    """Everything that the ledger tells with a moment, oldest first."""
    found = (*_signals(dossier), *_opened(dossier), *_reports(dossier), *_answers(dossier), *_changes(dossier),
             *_clocks(dossier.clocks), *_end(dossier))  # fmt: skip
    return tuple(sorted(found, key=lambda h: (h.at, ORDER.index(h.kind))))


def _signals(dossier: IncidentRecord) -> Iterator[Happening]:
    for signal in dossier.signals[:SIGNALS_SHOWN]:
        yield Happening(signal.at, "signal", _signal(signal))
    more = dossier.signal_count - min(len(dossier.signals), SIGNALS_SHOWN)
    if more > 0 and dossier.signals:
        last = dossier.signals[min(len(dossier.signals), SIGNALS_SHOWN) - 1].at
        yield Happening(last, "signal", Text(f"{more} more signals joined", f"ほかに {more} 件の通知を集約"))


def _signal(signal: Signal) -> Text:
    facts = signal.facts
    name = told(str(facts.get("alarm") or facts.get("reason") or signal.resource.name), 160)
    if signal.kind.startswith("alarm"):
        return Text(f"Alarm {name}", f"アラーム {name}")
    kind = EVENTS.get(signal.kind, same(told(signal.kind.replace("_", " "), 60)))
    return Text(f"Event: {kind.en}: {name}", f"イベント: {kind.ja}: {name}")


def _opened(dossier: IncidentRecord) -> Iterator[Happening]:
    incident = dossier.incident
    if incident.requested_by:
        by = told(incident.requested_by, 160)
        yield Happening(incident.opened_at, "opened", Text(f"Started by {by}", f"{by} が開始"))
    else:
        yield Happening(incident.opened_at, "opened", Text("Incident opened", "インシデント開始"))


def _reports(dossier: IncidentRecord) -> Iterator[Happening]:
    for sent in dossier.reports:
        words = REPORTS[sent.case.stage]
        cause = _cause(sent.case)
        kind = KIND_OF.get(sent.case.stage, "report")
        yield Happening(sent.at, kind, words + cause)


def _cause(case: Case) -> Text:
    if not case.diagnosis.held:
        return Text("", "")
    title = clause(told_text(case.diagnosis.held[0].title, 160))
    return Text(f": {title.en}", f"（{title.ja}）")


def _answers(dossier: IncidentRecord) -> Iterator[Happening]:
    at = {e.name: e for e in dossier.trail}
    approval = dossier.case.approval if dossier.case else None
    if approval and approval.answer and "answered_at" in at:
        by = told(approval.by or "", 160)
        words = ANSWERS[approval.answer]
        yield Happening(at["answered_at"].at, "answer", words + (Text(f" by {by}", f"（{by}）") if by else same("")))
    if "held_at" in at:
        by = told(at["held_at"].value, 160)
        yield Happening(at["held_at"].at, "answer", ANSWERS["hold"] + Text(f" by {by}", f"（{by}）"))
    if "acknowledged_at" in at:
        by = told(at["acknowledged_at"].value, 160)
        yield Happening(at["acknowledged_at"].at, "answer", Text(f"Taken over by {by}", f"{by} が対応を引き受け"))
    if "handed_over_at" in at:
        to = told(at["handed_over_at"].value.rsplit("/", 1)[-1], 160)
        yield Happening(at["handed_over_at"].at, "report", Text(f"Handed over to {to}", f"{to} に引き継ぎ"))


def _changes(dossier: IncidentRecord) -> Iterator[Happening]:
    case = dossier.case
    if case is None:
        return
    if case.change:
        title = clause(told_text(case.change.plan.title, 200))
        yield Happening(case.change.applied_at, "change", Text(f"Changed: {title.en}", f"変更: {title.ja}"))
    if case.undone:
        title = clause(told_text(case.undone.plan.title, 200))
        yield Happening(
            case.undone.applied_at,
            "undo",
            Text(f"Taken back, it made things worse: {title.en}", f"悪化したため取り消し: {title.ja}"),
            ok=False,
        )
    if case.lease and case.lease.until:
        yield Happening(
            case.lease.until, "lease", Text("What was lent is looked at again", "一時的に増やした分を見直す予定")
        )


def _clocks(clocks: tuple[Clock, ...]) -> Iterator[Happening]:
    for clock in clocks:
        limit = clock.limit_s // 60
        name = NAMES[clock.name]
        if clock.state == "met" and clock.at:
            what = Text(f"{limit}-minute clock met: {name.en}", f"{limit} 分目標を達成: {name.ja}")
            yield Happening(clock.at, "clock", what)
        elif clock.state == "missed":
            what = Text(f"{limit}-minute clock missed: {name.en}", f"{limit} 分目標を超過: {name.ja}")
            yield Happening(clock.due, "clock", what, ok=False)


def _end(dossier: IncidentRecord) -> Iterator[Happening]:
    if not dossier.closed_at:
        return
    words = next((w for v, w in WORDS.items() if v == dossier.verdict), same(told(dossier.verdict, 40) or "closed"))
    good = dossier.verdict in OVER
    yield Happening(dossier.closed_at, "verdict", Text(f"Closed: {words.en}", f"終了: {words.ja}"), ok=good)
