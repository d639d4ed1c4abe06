"""What a report says of a loan and of how it is used, and whose it is."""

from .hand_back import LoanEvidence, now_of
from .model import Fact
from .text import Text


def loan_facts(e: LoanEvidence) -> tuple[Fact, ...]:
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


def usage_facts(e: LoanEvidence) -> tuple[Fact, ...]:
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
        told = ", ".join(f"{name} {max(read.values()):.0f} %" for name, read in each if read)
        facts.append(e.usage.fact(Text("highest minute of the hour", "直近 1 時間の最大"), told))
    if usage.times:
        label = Text("slow minutes of the hour", "直近 1 時間の遅延（分）")
        facts.append(e.usage.fact(label, f"{len(usage.times.slow)} / {len(usage.times.minutes)}"))
    return tuple(facts)


def about(e: LoanEvidence) -> tuple[Fact, ...]:
    """How the loan stands; nothing where the ledger could not be read."""
    return loan_facts(e) if e.loan.or_none() else ()


def mode(e: LoanEvidence) -> str | None:
    """The opt-in tag of what was lent to."""
    return e.held.get().tags.get("auto-remediation")


def stack(e: LoanEvidence) -> str | None:
    """The CloudFormation stack that owns it."""
    held = e.held.or_none()
    return held.stack or None if held else None
