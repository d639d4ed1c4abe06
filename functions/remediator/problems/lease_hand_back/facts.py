"""What the readings say of a temporary capacity increase: usage, owner, current values."""

from ...core.model import Fact
from ...core.runbook import RuledOut, Setting
from ...core.text import Text
from .evidence import Evidence
from .loan import needed, not_ours, now_of

NOT_OURS = Text("it is no loan of the program any more", "プログラムの一時変更ではなくなっています")
TABLE_NOW = "aws dynamodb describe-table --table-name <table> --query Table.ProvisionedThroughput"
BOUNDS_NOW = "aws application-autoscaling describe-scalable-targets --service-namespace <dynamodb or ecs>"
COUNT_NOW = "aws ecs describe-services --cluster <cluster> --services <service> --query services[].desiredCount"


def loan_facts(e: Evidence) -> tuple[Fact, ...]:
    """What was lent, by which incident, and how it stands."""
    loan = e.loan.get()
    now = now_of(loan, held) if (held := e.held.or_none()) else {}
    facts = [
        e.loan.fact(
            Text(f"{name}: before / lent / now", f"{name}: 変更前 / 一時変更 / 現在"),
            f"{was} / {loan.lent.get(name, '-')} / {now.get(name, '-')}",
        )
        for name, was in loan.was.items()
    ]
    return (e.loan.fact(Text("lent by incident", "一時変更したインシデント"), loan.incident), *facts)


def usage_facts(e: Evidence) -> tuple[Fact, ...]:
    """The last hour at its highest minute; none where it could not be read."""
    usage = e.usage.or_none()
    if usage is None:
        return ()
    facts = [
        e.usage.fact(
            Text(
                f"{a.index or 'table'}, {a.direction}: highest minute of the hour",
                f"{a.index or 'テーブル'} {a.direction}: 直近 1 時間の最大",
            ),
            f"{a.wanted_per_s:.1f} units/s",
        )
        for a in usage.asked
    ]
    if usage.load:
        each = (("CPU", usage.load.cpu_pct), ("memory", usage.load.memory_pct))
        text = ", ".join(f"{name} {max(read.values()):.0f} %" for name, read in each if read)
        facts.append(e.usage.fact(Text("highest minute of the hour", "直近 1 時間の最大"), text))
    if usage.times:
        label = Text("slow minutes of the hour", "直近 1 時間の遅延（分）")
        facts.append(e.usage.fact(label, f"{len(usage.times.slow)} / {len(usage.times.minutes)}"))
    return tuple(facts)


def situation(e: Evidence) -> tuple[Fact, ...]:
    """How the loan stands; nothing where the ledger could not be read."""
    return loan_facts(e) if e.loan.or_none() else ()


def stack(e: Evidence) -> str | None:
    """The CloudFormation stack that owns it."""
    held = e.held.or_none()
    return held.stack or None if held else None


def not_calm(e: Evidence, setting: Setting) -> RuledOut | None:
    """Why nothing can be handed back now, None where it can."""
    if not_ours(e):
        return RuledOut(NOT_OURS)
    why = needed(e, setting.now, setting.settings.limits)
    return RuledOut(why) if why else None
