"""What a person can say on a dashboard, as buttons that ask first, and what became of it. Pure."""

from collections.abc import Mapping
from typing import Any

from ...core.text import Text
from ..sentences import told_text
from .incident_row import IncidentRow
from .widget_html import Viewer, button, notice, shown

PLAN_CHARS = 160
APPROVE, REFUSE, HOLD = Text("Approve", "承認"), Text("Refuse", "却下"), Text("Hold", "延期")
ACK, UNDO, REPLAY = Text("I have it", "対応を引き受ける"), Text("Undo", "取り消す"), Text("Replay", "再現する")
BUTTONS = {"approve": APPROVE, "refuse": REFUSE, "hold": HOLD, "ack": ACK, "undo": UNDO, "replay": REPLAY}
DONE = {
    "approve": Text("Approved. Every gate runs again before the change is made.", "承認しました。変更前のチェックを再度行ったうえで実施します。"),
    "refuse": Text("Refused. The incident goes on without this change.", "却下しました。この変更なしで対応を続けます。"),
    "hold": Text("Held. The same question stays open for another hour.", "判断を延期しました。同じ確認への回答期限が 1 時間延びます。"),
    "ack": Text("You have it. Nothing escalates any more; the program goes on.", "引き受けを記録しました。以後エスカレーションしません（自動対応は続きます）。"),
    "undo": Text("The undo has begun, as an incident of its own.", "取り消しを開始しました（別のインシデントとして記録します）。"),
    "replay": Text("The replay has begun; it only looks.", "再現を開始しました（変更は行いません）。"),
}  # fmt: skip
NOT_TAKEN = Text("Not taken", "受け付けませんでした")
ASKED_NOW = Text("Asked now", "現在の確認事項")
LOOK_AGAIN = Text("Read the board again to see it.", "ボードを再読み込みすると反映されます。")


def answers(line: IncidentRow, viewer: Viewer, desk: str) -> str:
    """The buttons for what is asked, and for taking the incident over; nothing where nothing can be said."""
    asked = line.question
    buttons = []
    if asked:
        for answer, words, ask in (
            ("approve", APPROVE, _approve(line, asked.plan)),
            ("refuse", REFUSE, _refuse(line, asked.plan)),
            *((("hold", HOLD, _hold(line, asked.plan)),) if not asked.held else ()),
        ):
            call = {"reference": asked.reference, "answer": answer}
            look = "first" if answer == "approve" else ""
            buttons.append(button(viewer.says(words), desk, call, confirmation=ask.in_(viewer.language), look=look))
    if line.open and not line.taken_by:
        call = {"reference": line.id, "answer": "ack"}
        buttons.append(button(viewer.says(ACK), desk, call, confirmation=_ack(line).in_(viewer.language)))
    return "".join(buttons)


def undo(line: IncidentRow, viewer: Viewer, desk: str) -> str:
    """The button that takes the incident's change back."""
    title = _short(line.change or Text("?", "?"))
    ask = Text(
        f"Undo this change of {line.resource}? {title.en}. It runs through tag, switch and lock. [{line.id}]",
        f"{line.resource} のこの変更を取り消しますか？ {title.ja}。タグ、スイッチ、ロックを確認してから実施します。［{line.id}］",
    )
    call = {"reference": line.id, "answer": "undo"}
    return button(viewer.says(UNDO), desk, call, confirmation=ask.in_(viewer.language))


def outcome_html(outcome: Mapping[str, Any], viewer: Viewer) -> str:
    """What the approve function answers a click with."""
    if outcome.get("accepted"):
        done = DONE.get(str(outcome.get("answer", "")), Text("Taken.", "受け付けました。"))
        which = f"<p>{shown(str(outcome.get('incident', '')))} · {viewer.says(LOOK_AGAIN)}</p>"
        return notice(viewer, done, which, tone="good")
    why = f"<p>{shown(str(outcome.get('why', '?')), PLAN_CHARS * 2)}</p>"
    plan = outcome.get("plan_now")
    now = f"<p>{viewer.says(ASKED_NOW)}: {shown(str(plan), PLAN_CHARS)}</p>" if plan else ""
    return notice(viewer, NOT_TAKEN, why, now, tone="bad")


def _short(text: Text) -> Text:
    return told_text(text, PLAN_CHARS)


def _approve(line: IncidentRow, plan: Text) -> Text:
    what = _short(plan)
    return Text(
        f"Approve this change of {line.resource}? {what.en}. Every gate runs again, then exactly this is done. [{line.id}]",
        f"{line.resource} のこの変更を承認しますか？ {what.ja}。変更前のチェックを再度行い、この内容だけを実施します。［{line.id}］",
    )


def _refuse(line: IncidentRow, plan: Text) -> Text:
    what = _short(plan)
    return Text(
        f"Refuse this change of {line.resource}? {what.en}. [{line.id}]",
        f"{line.resource} のこの変更を却下しますか？ {what.ja}。［{line.id}］",
    )


def _hold(line: IncidentRow, plan: Text) -> Text:
    what = _short(plan)
    return Text(
        f"Decide later on this change of {line.resource}? {what.en}. It can be answered for an hour more, once. [{line.id}]",
        f"{line.resource} のこの変更の判断を延期しますか？ {what.ja}。回答期限を 1 回に限り 1 時間延ばします。［{line.id}］",
    )


def _ack(line: IncidentRow) -> Text:
    return Text(
        f"Take over {line.resource} yourself? It escalates no more. [{line.id}]",
        f"{line.resource} の対応を引き受けますか？ 以後エスカレーションしません。［{line.id}］",
    )
