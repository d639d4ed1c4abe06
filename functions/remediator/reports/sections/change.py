"""Details of a change: each value, the calls, what every gate said, its cost, and how to switch the program off."""

from collections.abc import Mapping
from typing import Any

from ...core.plan import Plan
from ...core.serialization import canonical
from ...core.settings import Settings
from ...core.text import Text, same
from ...gates import title_of
from ...gates.answers import Ask, Permit, Refusal
from ...incidents.case import Case
from ..blocks import Block, Command, Item, Shown, Statement, Step
from ..sentences import told, told_text
from ..status import asking
from . import commands
from .response import plan_of

NAME_CHARS = 80


def change(case: Case) -> Block | None:
    """Each value before and after, the calls, and by whose word."""
    plan = plan_of(case)
    if plan is None:
        return None
    steps = tuple(Step(told(k, NAME_CHARS), _value(plan.before.get(k)), _value(plan.after.get(k))) for k in _keys(plan))
    title = (
        Text("Change, before -> after", "変更内容（前 -> 後）")
        if case.change
        else Text("Planned change, before -> after", "予定の変更（前 -> 後）")
    )
    made = tuple(Statement(same(told(r))) for r in case.change.requests) if case.change else ()
    by_hand = () if case.change or asking(case) else _by_hand(case, plan)
    return Block("change", title, (*steps, *made, *by_hand))


def _keys(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*plan.before, *plan.after)))


def _value(value: Any) -> str:
    if value is None:
        return "-"
    return told(canonical(value) if isinstance(value, Mapping | list | tuple | bool) else str(value))


def _by_hand(case: Case, plan: Plan) -> tuple[Item, ...]:
    made = [commands.command_of(call, case.incident.resource.region) for call in plan.calls]
    if None in made:
        return ()
    lead = Text("To do it by hand:", "手動で実施する場合:")
    return tuple(Command(c.words, lead=lead if n == 0 else None) for n, c in enumerate(made) if c)


def gates(case: Case) -> Block | None:
    """What each check before the change said, a refusal first."""
    if not case.answers:
        return None
    ordered = sorted(case.answers, key=lambda a: not isinstance(a, Refusal))
    items = tuple(Shown(title_of(a.gate, a.part) + same(f" [{told(a.gate, 60)}]"), _said(a)) for a in ordered)
    return Block("gates", Text("Checks before the change", "変更前のチェック"), items)


def _said(answer: object) -> Text:
    if isinstance(answer, Refusal):
        return Text("refused", "拒否") + same(": ") + told_text(answer.why)
    if isinstance(answer, Ask):
        return Text("asks a person", "要承認") + same(": ") + told_text(answer.why)
    nothing = Text("nothing against it", "問題なし")
    if isinstance(answer, Permit) and answer.note:
        return nothing + same("; ") + told_text(answer.note)
    return nothing


def cost(case: Case) -> Block | None:
    """What the change adds a month, at most."""
    plan = plan_of(case)
    if plan is None or plan.cost_per_month_usd is None or case.undone:
        return None
    figure = f"{plan.cost_per_month_usd:,.2f}"
    text = Text(
        f"At most USD {figure} more a month (list price).", f"増加額は最大で月額 {figure} 米ドル（定価ベース）です。"
    )
    return Block("cost", Text("Cost", "費用"), (Statement(text),))


def switch(case: Case, settings: Settings) -> Block:
    """How to stop the program from changing anything."""
    off = commands.set_switch(settings.switch_parameter, "off", case.incident.resource.region)
    return Block("switch", Text("To switch the program off", "プログラムを停止するには"), (off,))
