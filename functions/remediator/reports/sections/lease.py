"""What a report says of a loan: until when it is lent, that it is lent on, or that nobody comes back to it."""

from ...core.lease import EXTENSIONS, ScheduledLease, lease_of
from ...core.text import Text, same
from ...incidents.case import Case
from ..moments import clock, clock_with
from ..sentences import clause, told

LOST_CHARS = 200


def lent(case: Case, zone: str) -> Text | None:
    """One sentence; None where nothing is lent, or where it was taken back."""
    kept, due = case.lease, lease_of(case.incident.signals)
    if kept is None or (case.undone is not None and due is None):
        return None
    if kept.lost:
        return _lost(kept, due.incident if due else "")
    if not kept.until:
        return _given_up(due.incident if due else case.incident.id)
    until = clock(kept.until, case.at, zone)
    if kept.extension:
        often = same(f"put off {kept.extension} of {EXTENSIONS} times")
        put_off = clock_with(kept.until, often, case.at, zone)
        return Text(
            f"Lent on until {put_off.en}; then it is looked at again.",
            f"{until} まで延長し、その時点で再確認します（延長 {kept.extension} / {EXTENSIONS} 回）。",
        )
    if due:
        return Text(
            f"The rest is lent until {until}, then the next step follows.",
            f"残りは {until} まで維持し、その後に次の段階へ進みます。",
        )
    return Text(
        f"Lent until {until}; handed back step by step when calm, else lent on.",
        f"{until} までの一時変更です。落ち着いていれば段階的に元へ戻し、そうでなければ延長します。",
    )


def _lost(kept: ScheduledLease, lender: str) -> Text:
    why = clause(same(told(kept.lost, LOST_CHARS)))
    how = f"remediator undo {told(lender, 64)}" if lender else "UNDO"
    return Text(
        f"Nobody hands it back by itself ({why.en}): take it back when it is calm ({how}).",
        f"自動では元に戻りません（{why.ja}）。落ち着いたら取り消してください（{how}）。",
    )


def _given_up(lender: str) -> Text:
    how = f"remediator undo {told(lender, 64)}"
    return Text(
        f"It was put off {EXTENSIONS} times and is not looked at again: put the value into the template, or take it back ({how}).",
        f"{EXTENSIONS} 回延長したため、今後は確認しません。値をテンプレートに反映するか、取り消してください（{how}）。",
    )
