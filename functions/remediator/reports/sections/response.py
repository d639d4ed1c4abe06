"""Blocks that say what was done about it: action, proof, undo, the open question, and what is left for a person."""

from ...core.model import Verdict
from ...core.plan import Advise, Plan
from ...core.settings import Settings
from ...core.text import Text, same
from ...gates import kill_switch, opt_in
from ...gates.answers import Passed
from ...incidents.case import HOLDS, Case
from ..blocks import Block, Command, Item, Quote, Statement
from ..moments import clock
from ..sentences import COMMAND_CHARS, capital, clause, indented, sentence, spaced, told, told_text
from ..status import action, asking
from . import commands
from . import response_clocks as clocks
from .lease import lent
from .situation import all_shown, in_short

PROVED = {
    Verdict.FIXED: Text("Proved:", "確認済み: "),
    Verdict.NOT_FIXED: Text("Still broken:", "復旧していません: "),
    Verdict.RECOVERED_WITHOUT_US: Text(
        "Healthy again, without a change by the program:", "プログラムによる変更なしで復旧: "
    ),
    Verdict.CANNOT_TELL: Text("What could be read does not tell:", "読み取れた内容では判定できません: "),
}
BEFORE_IT = Text("Healthy again before the change took effect:", "変更が有効になる前に復旧: ")
NOT_YET = Text("Not proved yet; the final report follows.", "確認はこれからです。最終報告をお待ちください。")
UNTOUCHED = Text(
    "Nothing was changed; whether it recovers by itself, the final report tells.",
    "変更していません。自然に復旧するかどうかは最終報告でお知らせします。",
)
NO_PROOF = Text("Nothing was changed, so there is nothing to prove.", "変更していないため、確認する対象はありません。")
NO_READINGS = Text("no reading", "読み取り値なし")
PROOF_CHARS = 450
NOTE_CHARS = 300
QUOTED_LINES = 20
_HELD = Text(
    "The decision was put off once; not again.", "判断はすでに 1 回延期されているため、再度の延期はできません。"
)
_STILL_THERE = Text(
    "The change is still in place and did not help: undo it or keep it, then look for the cause.",
    "変更は残っていますが、効果がありませんでした。取り消すか残すかを判断し、原因を調べてください。",
)
_NOT_NEEDED = Text(
    "The change stands although it was not needed: undo it, or keep it if you want it.",
    "変更は残っていますが、復旧には不要でした。取り消すか、残すかを判断してください。",
)
_STILL_BROKEN = Text("It is still broken: a person has to look now.", "復旧していません。人による対応が必要です。")
_LOOK = Text(
    "Look at it yourself: what could be read does not tell whether it works.",
    "正常かどうか読み取れないため、直接確認してください。",
)


def plan_of(case: Case) -> Plan | None:
    """The plan that was applied, else the one that was made."""
    if case.change:
        return case.change.plan
    return case.decision if isinstance(case.decision, Plan) else None


def done(case: Case, zone: str) -> Block:
    """What was done, or would have been."""
    items = [Statement(action(case, zone))]
    if case.note:
        items.append(Statement(sentence(capital(told_text(case.note, NOTE_CHARS)))))
    if loan := lent(case, zone):
        items.append(Statement(loan))
    return Block("done", Text("DONE", "対応"), tuple(items))


def approval(case: Case, zone: str) -> Block | None:
    """The question to a person: which plan, until when, and how to say yes."""
    plan = plan_of(case)
    if not asking(case) or case.approval is None or plan is None:
        return None
    asks = tuple(clause(told_text(a.why)) for a in Passed(case.answers).asks)
    until = clock(case.approval.expires_at, case.at, zone)
    why = Text("; ".join(a.en for a in asks), "、".join(a.ja for a in asks))
    because = Text(f" Asked because {why.en}.", f"承認が必要な理由: {why.ja}。") if asks else same("")
    question = Text(f"Approve by {until}, or nothing is changed.", f"期限は {until}。承認がなければ変更しません。")
    asked = case.approval
    later = commands.hold(asked.reference) if asked.holds < HOLDS else Statement(_HELD)
    items = (Statement(question + because), commands.approve(asked.reference), later)
    return Block("approval", Text("DECIDE", "承認"), items)


def approval_exact(case: Case) -> Block | None:
    """The answer with nothing but the AWS CLI."""
    if not asking(case) or case.approval is None:
        return None
    invoke = commands.approve_by_cli(case.approval.reference, case.incident.resource.region)
    return Block("approval_exact", Text("To approve with the AWS CLI", "AWS CLI で承認するには"), (invoke,))


def proof(case: Case, zone: str) -> Block:
    """What proves the outcome, or that nothing does yet."""
    title = Text("PROOF", "確認")
    if case.verdict is None:
        return Block("proof", title, (Statement(_no_verdict(case)),))
    facts = in_short(case.proof, zone) if case.proof else NO_READINGS
    return Block(
        "proof", title, (Statement(told_text(sentence(spaced(_proved(case, case.verdict), facts)), PROOF_CHARS)),)
    )


def _proved(case: Case, verdict: Verdict) -> Text:
    """Where a change was made all the same, it is not said that there was none."""
    return BEFORE_IT if verdict is Verdict.RECOVERED_WITHOUT_US and case.change else PROVED[verdict]


def _no_verdict(case: Case) -> Text:
    if case.stage == "final" or case.incident.origin == "replay":
        return NO_PROOF if case.change is None else NOT_YET
    coming = case.change or asking(case) or (plan_of(case) and not Passed(case.answers).refusal)
    return NOT_YET if coming and case.stage not in ("update", "escalation") else UNTOUCHED


def evidence(case: Case, zone: str) -> Block | None:
    """The proof's readings, with where and when they were made."""
    items = all_shown(case.proof, zone)
    return Block("evidence", Text("Readings of the outcome", "結果の読み取り値"), items) if items else None


def undo(case: Case) -> Block:
    """How to take the change back, or why there is nothing to take back; never cut."""
    return Block("undo", Text("UNDO", "取消"), (_way_back(case),))


def _way_back(case: Case) -> Item:
    plan = plan_of(case)
    if case.undone:
        return Statement(Text("Nothing: the change was taken back already.", "不要です。変更はすでに取り消しました。"))
    if plan is None or (case.change is None and not asking(case)):
        return Statement(Text("Nothing to undo: nothing was changed.", "不要です。変更していません。"))
    if not plan.undo:
        why = clause(told_text(plan.no_undo)) if plan.no_undo else Text("the plan names none", "計画に定義がありません")
        return Statement(Text(f"None, because {why.en}.", f"取り消せません。理由: {why.ja}。"))
    later = Text("after the change:", "実施後に取り消すには:") if case.change is None else None
    return Command(commands.undo(case.incident.id).words, lead=later)


def undo_exact(case: Case) -> Block | None:
    """The same with nothing but the AWS CLI: the exact calls; never cut."""
    plan = plan_of(case)
    if plan is None or case.undone or (case.change is None and not asking(case)):
        return None
    calls = commands.undo_by_cli(plan.undo, case.incident.id, case.incident.resource.region)
    return Block("undo_exact", Text("To undo with the AWS CLI", "AWS CLI で取り消すには"), calls) if calls else None


def left(case: Case, settings: Settings) -> Block:
    """What a person has to do, the nearest first."""
    last = clocks.late(case) if case.verdict else ()
    items = (*last, *_next(case, settings), *_keep_short(case), *_advice(case))
    nothing = (Statement(Text("Nothing.", "ありません。")),)
    return Block("left", Text("LEFT", "残件"), items or nothing)


def _next(case: Case, settings: Settings) -> tuple[Item, ...]:
    if isinstance(case.decision, Advise) and case.decision.final:
        return ()
    if case.verdict is Verdict.NOT_FIXED:
        there = case.change is not None and case.undone is None
        return (Statement(_STILL_THERE if there else _STILL_BROKEN), *_advised(case))
    if case.verdict is Verdict.CANNOT_TELL:
        return (Statement(_LOOK), *_advised(case))
    if case.verdict is Verdict.RECOVERED_WITHOUT_US and case.change and case.undone is None:
        return (Statement(_NOT_NEEDED),)
    if case.over:
        return _allow(case, settings)
    if asking(case):
        decide = Statement(Text("Your decision, see DECIDE.", "承認の可否を判断してください（「承認」欄）。"))
        return (decide, *clocks.late(case))
    urgent = (Statement(_STILL_BROKEN), *clocks.late(case)) if case.stage == "escalation" else ()
    return (*urgent, *_allow(case, settings), *_advised(case))


def _advised(case: Case) -> tuple[Item, ...]:
    """Commands that the diagnosis itself advises."""
    if not isinstance(case.decision, Advise):
        return ()
    return tuple(Command((told(line, COMMAND_CHARS),)) for line in case.decision.commands)


def _allow(case: Case, settings: Settings) -> tuple[Item, ...]:
    """What stands against a change that the owner may want."""
    plan, refusal = plan_of(case), Passed(case.answers).refusal
    if plan is None or refusal is None or case.change:
        return ()
    if refusal.gate == opt_in.NAME:
        return commands.opt_in(plan.resource)
    if refusal.gate == kill_switch.NAME:
        on = commands.set_switch(settings.switch_parameter, "auto", case.incident.resource.region)
        return (Command(on.words, lead=Text("To allow changes again:", "変更を再び許可するには:")),)
    return ()


def _keep_short(case: Case) -> tuple[Item, ...]:
    if drift(case) is None:
        return ()
    name = told(case.stack or "", 128)
    return (Statement(Text(
        f"Put the change into stack {name}: its next deployment would erase it (see below).",
        f"スタック {name} にも変更を反映してください。次回のデプロイで元に戻ります（下記参照）。",
    )),)  # fmt: skip


def _advice(case: Case) -> tuple[Item, ...]:
    if not case.diagnosis.held:
        return (
            Statement(
                Text(
                    "Find the cause: nothing that was read explains it.",
                    "読み取った内容では説明できないため、原因を調べてください。",
                )
            ),
        )
    advice = sentence(told_text(case.diagnosis.held[0].advice, NOTE_CHARS))
    decided = case.decision.why if isinstance(case.decision, Advise) else None
    return () if decided and clause(decided).en == clause(advice).en else (Statement(capital(advice)),)


def log(case: Case) -> Block | None:
    """What the log says, line by line."""
    if not isinstance(case.decision, Advise) or not case.decision.quote:
        return None
    lines = tuple(Quote(indented(line)) for line in case.decision.quote[:QUOTED_LINES])
    return Block("log", Text("What the log says", "ログの内容"), lines)


def drift(case: Case) -> Block | None:
    """That the next deployment of the owning stack erases the change, and what to change there."""
    if case.change is None or case.undone or not case.stack:
        return None
    name, keep = told(case.stack, 128), case.change.plan.keep
    warning = Text(
        f"CloudFormation stack {name} owns this resource; its next deployment would erase the change.",
        f"このリソースは CloudFormation スタック {name} の管理下にあり、次回のデプロイで変更が失われます。",
    )
    what = (
        clause(told_text(keep)) if keep else Text("the changed values, see Change", "変更した値（「変更内容」を参照）")
    )
    items = (
        Statement(warning),
        Statement(Text(f"To keep it, change there: {what.en}.", f"維持するには次を変更: {what.ja}。")),
    )
    return Block("drift", Text("To keep the change", "変更を維持するには"), items)
