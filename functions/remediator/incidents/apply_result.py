"""The outcome of a write, as the apply step returns it, and whether it must be undone."""

import json
from dataclasses import dataclass, replace

from ..core.errors import ForAPerson
from ..core.plan import Change, Plan
from ..core.serialization import Json, from_json
from ..core.text import Text


def undo_plan(record: Json) -> Plan:
    """The plan that takes back the change of a stored incident.

    Raises:
        ForAPerson: the incident made no change, or one without undo.
    """
    if "change" not in record:
        raise ForAPerson("that incident made no change")
    done = from_json(Change, json.loads(record["change"])).plan
    if not done.undo:
        raise ForAPerson("that change has no undo")
    return replace(
        done,
        fix=f"undo_{done.fix}",
        title=Text(f"Undo: {done.title.en}", f"取り消し: {done.title.ja}"),
        calls=done.undo,
        undo=(),
        no_undo=Text("this is an undo itself", "これ自体が取り消しです"),
        before=done.after,
        after=done.before,
        response="auto",
        ask_because=None,
        worse=None,
        cost_per_month_usd=None,
        lease_s=0,
    )


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a write: the change, why it was not made, or that nobody knows (then look again)."""

    change: Change | None = None
    not_applied: str | None = None
    unknown: str | None = None

    def note(self, *, undo: bool = False) -> Text | None:
        """What the reader must know besides; None where the write went as planned."""
        what = Text("The undo", "取り消し") if undo else Text("The change", "変更")
        if self.not_applied:
            return what + Text(f" was not made: {self.not_applied}", f"は実行されませんでした: {self.not_applied}")
        if self.unknown:
            return what + Text(
                f" was sent and its answer is lost; look before repeating it: {self.unknown}",
                f"は送信されましたが応答が失われました。再実行の前に確認してください: {self.unknown}",
            )
        if self.change and self.change.refused:
            made = ", ".join(r.split()[0] for r in self.change.requests)
            return what + Text(
                f" was made in part only ({made}); the rest was refused: {self.change.refused}",
                f"は一部のみ実行されました（{made}）。残りは拒否されました: {self.change.refused}",
            )
        if self.change and not self.change.certain:
            return what + Text(
                " was interrupted; a second look found it made.", "は中断されましたが、再確認で適用済みと判断しました。"
            )
        return None
