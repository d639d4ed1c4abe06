"""The guide's four clocks in a report: which were met, which were missed, which still run."""

from ...core.text import Text, same
from ...core.timestamps import seconds_between
from ...incidents.case import Case
from ...incidents.response_clocks import Clock, ClockName
from ..blocks import Block, Item, Shown, Statement
from ..moments import clock as at_clock
from ..moments import within
from ..sentences import minutes, told
from . import commands

NAMES: dict[ClockName, Text] = {
    "situation": Text("situation told", "状況の報告"),
    "response": Text("first response", "一次対応"),
    "cause": Text("root cause named", "根本原因の特定"),
    "recovery": Text("recovery proved", "復旧の確認"),
}
MISSED: dict[ClockName, Text] = {
    "situation": Text("nobody was told within 5 minutes", "5 分以内に状況を報告できませんでした"),
    "response": Text(
        "nothing was changed and nobody has answered within 15 minutes", "15 分以内に変更も担当者の応答もありません"
    ),
    "cause": Text("no cause was found within 30 minutes", "30 分以内に原因を特定できていません"),
    "recovery": Text("it is not recovered within 60 minutes", "60 分以内に復旧していません"),
}


def clocks(case: Case, zone: str) -> Block | None:
    """Each clock with its limit and how it stands; None where nobody has looked at them."""
    items: list[Item] = [Shown(_label(c), _stands(c, case, zone)) for c in case.clocks]
    if case.acknowledged:
        by, at = told(case.acknowledged.by, 200), at_clock(case.acknowledged.at, case.at, zone)
        items.append(Statement(Text(f"Taken over by {by} at {at}.", f"{at} に {by} が対応を引き受けました。")))
    return Block("clocks", Text("The four clocks", "対応時間の目標（4 段階）"), tuple(items)) if items else None


def late(case: Case) -> tuple[Item, ...]:
    """What an escalation is for, and how a person takes the incident over."""
    if case.late is None:
        return ()
    missed = MISSED[case.late.name]
    why = Statement(Text(f"Escalated: {missed.en}.", f"エスカレーション: {missed.ja}。"))
    return (why, commands.acknowledge(case.incident.id)) if case.verdict is None else (why,)


def _label(clock: Clock) -> Text:
    within = minutes(clock.limit_s)
    return NAMES[clock.name] + Text(f" (within {within.en})", f"（目標 {within.ja}以内）")


def _stands(clock: Clock, case: Case, zone: str) -> Text:
    took = minutes(seconds_between(case.incident.opened_at, clock.at)) if clock.at else same("")
    if clock.state == "met":
        return Text(f"met, after {took.en}", f"達成（{took.ja}後）")
    if clock.state == "running":
        due = at_clock(clock.due, case.at, zone)
        return Text(f"not yet; due by {due}", f"未達（期限 {within(clock.due, case.at, zone)}）")
    return Text(f"missed, after {took.en}", f"超過（{took.ja}後）") if clock.at else Text("missed", "超過")
