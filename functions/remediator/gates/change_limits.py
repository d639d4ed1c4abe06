"""Gate: change limits; cooldown, daily limit, and one change at a time (the lock, which the ledger takes last)."""

from ..core.plan import Plan
from ..core.settings import Limits
from ..core.text import Text
from .answers import GateAnswer, Permit, Refusal
from .gate import FIXES_AND_RECOVERIES, Check, Gate, GateFacts, resting_on
from .past_changes import PAST_CHANGES, PastChanges

NAME = "change_limits"
COOLDOWN, DAILY_LIMIT, LOCK = "cooldown", "daily_limit", "lock"
LOCKED_BY = "ledger (dynamodb:TransactWriteItems)"


def change_limits(past: PastChanges, plan: Plan, limits: Limits) -> tuple[GateAnswer, ...]:
    """Cooldown and daily limits as they stand, so that nobody is asked for what would be refused anyway."""
    if past.in_cooldown:
        return (in_cooldown(limits),)
    spent = zip(past.used, daily_limits(plan, limits), strict=True)
    full = next((refusal for used, (most, refusal) in spent if used >= most), None)
    return (Permit(NAME, part=COOLDOWN), full or Permit(NAME, part=DAILY_LIMIT))


def in_cooldown(limits: Limits) -> Refusal:
    """The resource was changed a moment ago."""
    why = Text(f"changed less than {limits.cooldown_s} s ago", f"前回の変更から {limits.cooldown_s} 秒未満です")
    return Refusal(NAME, why, COOLDOWN)


def daily_limits(plan: Plan, limits: Limits) -> tuple[tuple[int, Refusal], ...]:
    """How many changes a day, and what it means if they are used up: of the resource, by the runbook."""
    whose = (
        (limits.changes_per_resource_per_day, Text("of this resource", "このリソースへの")),
        (limits.changes_per_runbook_per_day, Text(f"by {plan.runbook}", f"{plan.runbook} による")),
    )
    return tuple((most, _used_up(most, who)) for most, who in whose)


def _used_up(most: int, whose: Text) -> Refusal:
    why = Text(f"{most} changes {whose.en} were made today", f"{whose.ja}変更は本日すでに {most} 回です")
    return Refusal(NAME, why, DAILY_LIMIT)


def locked() -> Permit:
    """The right to make this one change was taken."""
    return Permit(NAME, part=LOCK)


def not_locked(en: str, ja: str) -> Refusal:
    """The right to make this one change cannot be had now."""
    return Refusal(NAME, Text(en, ja), LOCK)


def is_locked(answer: GateAnswer) -> bool:
    """Whether this answer is the right to make the change."""
    return isinstance(answer, Permit) and (answer.gate, answer.part) == (NAME, LOCK)


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    """Cooldown and daily limit; an undo is bound by neither, for it the lock alone counts."""
    if facts.change not in FIXES_AND_RECOVERIES:
        return ()
    past, limits = facts.get(PAST_CHANGES), facts.settings.limits
    read = facts.reading(PAST_CHANGES)
    last = read.fact(
        Text("last change by this program", "本プログラムによる前回の変更"), max(past.changed_at, default="-")
    )
    ceilings = (limits.changes_per_resource_per_day, limits.changes_per_runbook_per_day)
    count = ", ".join(f"{used} / {most}" for used, most in zip(past.used, ceilings, strict=True))
    today = read.fact(Text("changes today (resource, runbook)", "本日の変更（リソース、ランブック）"), count)
    by_part = {COOLDOWN: last, DAILY_LIMIT: today}
    return tuple(resting_on(a, by_part[a.part]) for a in change_limits(past, facts.plan, limits))


GATE = Gate(
    name=NAME,
    title=Text("change limits", "変更の制限"),
    judge=_judge,
    asked_of=(*FIXES_AND_RECOVERIES, "undo"),
    checks=(
        Check(
            part=COOLDOWN,
            title=Text("cooldown", "クールダウン"),
            permits=Text("the last change is long enough ago", "前回の変更から十分な時間が過ぎた"),
            asks=Text("unreadable", "読めない"),
            refuses=Text("changed a moment ago (`cooldown_s`)", "変更した直後（`cooldown_s`）"),
            read_from=(PAST_CHANGES.source,),
            asked_of=FIXES_AND_RECOVERIES,
        ),
        Check(
            part=DAILY_LIMIT,
            title=Text("daily change limit", "1 日の変更回数の上限"),
            permits=Text("room is left today", "本日の余裕がある"),
            asks=Text("unreadable", "読めない"),
            refuses=Text("used up, of the resource or the runbook", "リソースまたはランブックの上限に達した"),
            read_from=(PAST_CHANGES.source,),
            asked_of=FIXES_AND_RECOVERIES,
        ),
        Check(
            part=LOCK,
            title=Text("one change at a time", "変更は同時に 1 件のみ"),
            permits=Text(
                "taken last, with the two above, in one transaction",
                "上の 2 つとともに、最後に 1 つのトランザクションで取得できた",
            ),
            refuses=Text(
                "another change of this workload is in flight; the ledger cannot be reached",
                "このワークロードで別の変更が進行中、または台帳に接続できない",
            ),
            read_from=(LOCKED_BY,),
        ),
    ),
)
