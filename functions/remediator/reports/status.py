"""How an incident stands, in one word and in one sentence: what the eye falls on first."""

from ..core.model import Verdict
from ..core.plan import Advise, Change, HandOver, Plan, Watch
from ..core.text import Text, same
from ..core.timestamps import seconds_between
from ..gates import opt_in
from ..gates.answers import Passed
from ..incidents.case import Case
from .moments import clock, clock_with, within
from .sentences import clause, minutes, sentence, spaced, told, told_text

WORDS = {
    Verdict.FIXED: Text("FIXED", "復旧"),
    Verdict.NOT_FIXED: Text("NOT FIXED", "未復旧"),
    Verdict.RECOVERED_WITHOUT_US: Text("RECOVERED", "自然復旧"),
    Verdict.CANNOT_TELL: Text("CANNOT TELL", "判定不能"),
}
LEVELS = {"high": Text("high", "高"), "medium": Text("medium", "中"), "low": Text("low", "低")}
UNDONE = Text("UNDONE", "取り消し済み")
DECIDE = Text("DECIDE", "承認待ち")
ACT = Text("ACT NOW", "要対応")
REPLAY = Text("REPLAY", "再現のみ")
WATCHING = Text("WATCHING", "監視中")
CHANGING = Text("STARTING", "対応開始")
NO_CHANGE = Text("NO CHANGE", "変更なし")
LENT_ON = Text("LENT ON", "延長")
REASON_CHARS = 300
NOTHING = Text("Nothing was changed", "変更していません")


def level_word(level: str) -> Text:
    """The word for a level; one that nobody knows stays as it is."""
    return LEVELS.get(level, same(level))


def asking(case: Case) -> bool:
    """Whether a person's answer is waited for."""
    return case.approval is not None and case.approval.answer is None and case.change is None and case.verdict is None


def word(case: Case) -> Text:
    """`FIXED`, `DECIDE`, ...: capitals in English, ASCII."""
    if case.incident.origin == "replay":
        return REPLAY
    if case.undone:
        return UNDONE
    if case.verdict:
        return WORDS[case.verdict]
    if asking(case):
        return DECIDE
    if case.stage == "escalation":
        return ACT
    if isinstance(case.decision, Watch):
        return WATCHING
    if isinstance(case.decision, Plan) and case.stage == "first" and Passed(case.answers).refusal is None:
        return CHANGING
    return LENT_ON if case.lease and case.lease.until and case.change is None else NO_CHANGE


def action(case: Case, zone: str) -> Text:
    """What was done, or that nothing was and why."""
    if case.change:
        return _changed(case, case.change, zone)
    if isinstance(case.decision, Plan):
        return _not_changed(case, case.decision)
    if isinstance(case.decision, Watch) and case.verdict is None:
        lead = Text("Nothing is changed for now:", "現時点では変更しません。理由: ")
        return spaced(lead, sentence(told_text(case.decision.why)), _for(case.decision.for_s))
    if isinstance(case.decision, HandOver):
        to = clause(told_text(case.decision.why))
        return Text(
            f"Handed over to {case.decision.runbook}: {to.en}.", f"{case.decision.runbook} に引き継ぎました: {to.ja}。"
        )
    if isinstance(case.decision, Advise | Watch):
        return _because(told_text(case.decision.why))
    return _because(Text("what could be read decides nothing", "読み取れた内容では判断できません"))


def _because(why: Text) -> Text:
    return NOTHING + Text(": ", "。理由: ") + sentence(why)


def _for(seconds: float) -> Text:
    lasts = minutes(seconds)
    return Text(f"It keeps looking for {lasts.en}.", f"{lasts.ja}間、監視を続けます。")


def _changed(case: Case, change: Change, zone: str) -> Text:
    title = clause(told_text(change.plan.title))
    by = told(case.approval.by, 80) if case.approval and case.approval.answer == "approve" and case.approval.by else ""
    en = clock(change.applied_at, case.at, zone)
    if by:
        en = clock_with(change.applied_at, same(f"approved by {by}"), case.at, zone).en
    ja = f"{within(change.applied_at, case.at, zone)} に実施" + (f"、承認者: {by}" if by else "")
    done = Text(f"{title.en}, at {en}.", f"{title.ja}（{ja}）。")
    lost = Text(
        "No answer came from AWS; a second look found it applied.",
        "AWS からの応答はありませんでしたが、再確認で適用済みと判明しました。",
    )
    return spaced(
        done, *(() if change.certain else (lost,)), *((_undone(case, case.undone, zone),) if case.undone else ())
    )


def _undone(case: Case, undone: Change, zone: str) -> Text:
    at = clock(undone.applied_at, case.at, zone)
    worse = undone.plan.worse
    if worse is None:
        return Text(f"The program took it back at {at}.", f"{at} に自動で取り消しました。")
    moved = clause(told_text(worse))
    return Text(
        f"It made things worse ({moved.en}), so the program took it back at {at}.",
        f"状況が悪化したため（{moved.ja}）、{at} に自動で取り消しました。",
    )


def _not_changed(case: Case, plan: Plan) -> Text:
    title = clause(told_text(plan.title, REASON_CHARS))
    refusal = Passed(case.answers).refusal
    if case.incident.origin == "replay":
        return Text(
            f"Nothing: a replay only looks. It would: {title.en}.",
            f"変更なし（再現のみ）。実行する場合の内容: {title.ja}。",
        )
    if refusal:
        why = clause(told_text(refusal.why, REASON_CHARS)) + same(f" [{told(refusal.gate, 60)}]")
        would = (
            Text("It would have been", "予定していた変更")
            if refusal.gate == opt_in.NAME
            else Text("It was planned", "予定していた変更")
        )
        return spaced(_because(why), Text(f"{would.en}: {title.en}.", f"{would.ja}: {title.ja}。"))
    if asking(case):
        return Text(f"Nothing yet. Proposed: {title.en}.", f"まだ変更していません。提案: {title.ja}。")
    if case.approval and case.approval.answer in ("refuse", "expired"):
        return spaced(
            _because(_answered(case)), Text(f"It was proposed: {title.en}.", f"提案していた変更: {title.ja}。")
        )
    if case.stage == "first":
        return Text(f"About to: {title.en}; the last checks run first.", f"これから実施: {title.ja}（直前の確認後）。")
    return spaced(sentence(NOTHING), Text(f"It was planned: {title.en}.", f"予定していた変更: {title.ja}。"))


def _answered(case: Case) -> Text:
    if case.approval is None or case.approval.answer == "expired":
        return Text("nobody answered in time", "期限までに回答がありませんでした")
    by = told(case.approval.by or "", 80)
    return Text(f"refused by {by}" if by else "a person refused it", f"{by} が却下しました" if by else "却下されました")


def lasted(case: Case, since: str) -> Text:
    """How long it has lasted at the moment of the report."""
    return minutes(seconds_between(since, case.at))
