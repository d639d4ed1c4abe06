"""What a person can say on a dashboard: the words, the buttons that an incident has, what is asked before one counts. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...core.text import Text, same
from ..sentences import told_text
from .incident_row import IncidentRow

PLAN_CHARS = 160
BUTTONS = {
    "approve": Text("Approve", "承認"), "refuse": Text("Refuse", "却下"), "hold": Text("Hold", "延期"),
    "ack": Text("I have it", "対応を引き受ける"), "undo": Text("Undo", "取り消す"), "replay": Text("Replay", "再現する"),
}  # fmt: skip
CONFIRMATIONS = {
    "approve": Text(
        "Approve this change of {resource}? {change}. Every gate runs again, then exactly this is done. [{id}]",
        "{resource} のこの変更を承認しますか？ {change}。変更前のチェックを再度行い、この内容だけを実施します。［{id}］",
    ),
    "refuse": Text(
        "Refuse this change of {resource}? {change}. [{id}]",
        "{resource} のこの変更を却下しますか？ {change}。［{id}］",
    ),
    "hold": Text(
        "Decide later on this change of {resource}? {change}. It can be answered for an hour more, once. [{id}]",
        "{resource} のこの変更の判断を延期しますか？ {change}。回答期限を 1 回に限り 1 時間延ばします。［{id}］",
    ),
    "ack": Text(
        "Take over {resource} yourself? It escalates no more. [{id}]",
        "{resource} の対応を引き受けますか？ 以後エスカレーションしません。［{id}］",
    ),
    "undo": Text(
        "Undo this change of {resource}? {change}. It runs through tag, switch and lock. [{id}]",
        "{resource} のこの変更を取り消しますか？ {change}。タグ、スイッチ、ロックを確認してから実施します。［{id}］",
    ),
}
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


@dataclass(frozen=True, slots=True)
class Button:
    """One thing to say: what a click sends, and what is asked before it counts."""

    answer: str
    reference: str
    confirmation: Text


def buttons_of(line: IncidentRow) -> Iterator[Button]:
    """The buttons for what is asked, for taking the incident over and for taking its change back; none where nothing can be said."""
    asked = line.question
    if asked:
        for answer in ("approve", "refuse") if asked.held else ("approve", "refuse", "hold"):
            yield Button(answer, asked.reference, _confirmation(answer, line, asked.plan))
    if line.open and not line.taken_by:
        yield Button("ack", line.id, _confirmation("ack", line))
    if line.undoable:
        yield Button("undo", line.id, _confirmation("undo", line, line.change))


def _confirmation(answer: str, line: IncidentRow, change: Text | None = None) -> Text:
    words, what = CONFIRMATIONS[answer], told_text(change or same("?"), PLAN_CHARS)
    return Text(
        words.en.format(resource=line.resource, change=what.en, id=line.id),
        words.ja.format(resource=line.resource, change=what.ja, id=line.id),
    )
