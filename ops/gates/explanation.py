"""The gates of one incident's last plan as the ledger has them, in their order; or why no plan was made. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from remediator.core.model import Fact
from remediator.core.plan import Advise, HandOver, Watch
from remediator.core.text import Text, same
from remediator.gates import GATES
from remediator.gates.answers import Ask, GateAnswer, Permit
from remediator.gates.gate import ChangeKind, Check, Gate
from remediator.incidents.case import Case
from remediator.incidents.record import IncidentRecord
from remediator.reports.moments import exact
from remediator.reports.sections.response import plan_of
from remediator.reports.status import action

Outcome = Literal["passed", "asks a person", "refused", "not reached", "not asked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine:
    """One check of one gate.

    Attributes:
        gate: its name; `part` the check's, where the gate has several.
        why: the reason; None where it passed and there is nothing to add.
        facts: what it rests on, each with where and when it was read.
        read_from: the calls that its facts come from.
    """

    gate: str
    title: Text
    outcome: Outcome
    read_from: tuple[str, ...]
    part: str = ""
    why: Text | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GatesExplained:
    """Why one incident was or was not acted on.

    Attributes:
        in_short: what was done, or why nothing was.
        plan: what was planned; None where there was no plan.
        at: when the report was made that this rests on.
        approval: how the question to a person stands, where there was one.
        lines: each gate in order; none where there was no plan.
        no_plan: why no plan was made; empty where one was.
    """

    incident: str
    in_short: Text
    plan: Text | None = None
    at: str = ""
    approval: Text | None = None
    lines: tuple[GateLine, ...] = ()
    no_plan: tuple[Text, ...] = ()


def explained(record: IncidentRecord, zone: str) -> GatesExplained:
    """What the gates said to the last plan of this incident, in the order of `GATES`."""
    case, name = record.case, record.incident.id
    joined = next((n.value for n in record.notes if n.name == "joined"), "")
    if case is None or joined:
        return GatesExplained(incident=name, in_short=NOTHING_YET, no_plan=tuple(_without_report(record, joined)))
    plan, in_short = plan_of(case), action(case, zone)
    if plan is None:
        return GatesExplained(incident=name, in_short=in_short, at=case.at, no_plan=tuple(_without_plan(case)))
    return GatesExplained(
        incident=name,
        in_short=in_short,
        plan=plan.title,
        at=case.at,
        approval=_approval(case, zone),
        lines=tuple(line for gate in GATES for line in _lines(gate, case)),
    )


NOTHING_YET = Text("Nothing is known of a change.", "変更についての記録はありません。")
REPLAYED = Text("a replay only looks", "再現は確認のみです")
BY_HAND = Text("not asked of a recovery that a person started", "人が開始した復旧では確認しません")
TAKEN_BACK = Text("not asked where a change is taken back", "変更の取り消しでは確認しません")


def _change(case: Case) -> ChangeKind:
    kinds: dict[str, ChangeKind] = {"recover": "recovery", "undo": "undo"}
    return kinds.get(case.incident.origin, "fix")


def _lines(gate: Gate, case: Case) -> Iterator[GateLine]:
    """The gate's answer as a whole where it gave one, else that of each of its checks."""
    given = [a for a in case.answers if a.gate == gate.name]
    whole = [a for a in given if gate.check(a.part) is None]
    for answer in whole:
        calls = tuple(dict.fromkeys(call for check in gate.checks for call in check.read_from))
        yield _answered(answer, gate.title, calls)
    for check in gate.checks:
        found = [a for a in given if a.part == check.part]
        yield from (_answered(a, check.title, check.read_from) for a in found)
        if not found:
            yield _unanswered(gate, check, case)


def _answered(answer: GateAnswer, title: Text, read_from: tuple[str, ...]) -> GateLine:
    outcome: Outcome = "refused"
    if isinstance(answer, Permit):
        outcome = "passed"
    elif isinstance(answer, Ask):
        outcome = "asks a person"
    why = answer.note if isinstance(answer, Permit) else answer.why
    return GateLine(
        gate=answer.gate,
        part=answer.part,
        title=title,
        outcome=outcome,
        why=why,
        facts=answer.facts,
        read_from=read_from,
    )


def _unanswered(gate: Gate, check: Check, case: Case) -> GateLine:
    why, change = None, _change(case)
    if case.incident.origin == "replay":
        why = REPLAYED
    elif change not in gate.asked_of or change not in check.asked_of:
        why = BY_HAND if change == "recovery" else TAKEN_BACK
    elif gate.silent and _answered_later(gate, case):
        why = gate.silent
    outcome: Outcome = "not asked" if why else "not reached"
    return GateLine(
        gate=gate.name, part=check.part, title=check.title, outcome=outcome, why=why, read_from=check.read_from
    )


def _answered_later(gate: Gate, case: Case) -> bool:
    later = {g.name for g in GATES[GATES.index(gate) + 1 :]}
    return any(a.gate in later for a in case.answers)


def _approval(case: Case, zone: str) -> Text | None:
    asked = case.approval
    if asked is None:
        return None
    if asked.answer is None:
        until = exact(asked.expires_at, zone)
        return Text(f"waits for a person until {until}", f"{until} まで承認待ち")
    if asked.answer == "expired":
        return Text("nobody answered in time", "期限までに回答がありませんでした")
    said = {"approve": Text("approved", "承認"), "refuse": Text("refused", "却下"), "hold": Text("put off", "延期")}
    return said[asked.answer] + (Text(" by ", "者: ") + same(asked.by) if asked.by else same(""))


def _without_report(record: IncidentRecord, joined: str) -> Iterator[Text]:
    """No report was sent: it is part of another incident, is opted out, or has just begun."""
    if joined:
        yield Text(
            f"It is part of incident {joined}; explain that one.",
            f"インシデント {joined} の一部です。そちらを確認してください。",
        )
    elif record.verdict == "opted_out":
        yield Text(
            "The resource is tagged auto-remediation=off: it is not even diagnosed.",
            "リソースのタグが auto-remediation=off のため、診断もしていません。",
        )
    else:
        state = record.verdict or record.state
        yield Text(f"No report has been sent yet (state: {state}).", f"レポートはまだありません（状態: {state}）。")


def _without_plan(case: Case) -> Iterator[Text]:
    """The decision's own reason, then what the diagnosis could not know, then that it would only have been told."""
    if case.diagnosis.cause is None:
        yield Text("No cause of the guide holds.", "ガイドの原因に該当するものがありません。")
    if isinstance(case.decision, HandOver):
        to = case.decision.runbook
        yield Text(f"Handed over to {to}: ", f"{to} に引き継ぎました: ") + case.decision.why
    elif isinstance(case.decision, Watch):
        yield Text("It was watched: ", "監視しました: ") + case.decision.why
    elif isinstance(case.decision, Advise):
        yield (
            Text("The cause has no fix that may be made here: ", "ここで実施できる対応がありません: ")
            + case.decision.why
        )
    for cause in case.diagnosis.unchecked:
        yield Text("Could not be checked: ", "確認できない原因: ") + cause.title + same(f" ({cause.why})")
    for name, gap in case.gaps.items():
        yield Text(f"Could not be read: {name}: {gap}", f"読み取れない項目: {name}: {gap}")
    if case.mode == "observe":
        yield Text(
            "The resource is not opted in (no auto-remediation tag that lets changes through): a fix would only have been told.",
            "オプトインされていません（変更を許可する auto-remediation タグなし）。対応があっても通知のみです。",
        )
