"""Gate: the plan itself asks for approval, or the symptom and pre-image changed since the plan was made."""

from dataclasses import dataclass

from ..core.plan import Plan
from ..core.text import Text
from .answers import Ask, GateAnswer, Permit, Refusal
from .gate import FIXES_AND_RECOVERIES, Check, Gate, GateFacts, Given, resting_on

NAME = "plan"
APPROVAL, UNCHANGED = "approval", "unchanged"


@dataclass(frozen=True, slots=True)
class FreshPlan:
    """What readings made anew give: the hash of a plan, None where they give none, and what they give in words."""

    hash: str | None
    said: Text


FRESH_PLAN: Given[FreshPlan] = Given("plan made anew", "the problem's own readings, made anew")


def planned(plan: Plan) -> GateAnswer:
    """What the guide's row itself says: its changes run alone, or only after a person approved."""
    if plan.response == "ask":
        why = plan.ask_because or Text("the guide's row asks a person", "ガイドの項目が人の承認を求めています")
        return Ask(NAME, why, APPROVAL)
    return Permit(NAME, part=APPROVAL)


def unchanged(planned_hash: str, fresh_hash: str | None, fresh: Text) -> GateAnswer:
    """Whether symptom and pre-image are still as read: the plan made from fresh readings is the same plan.

    Args:
        planned_hash: of the plan as it was made.
        fresh_hash: of the plan that fresh readings give; None where they give no plan.
        fresh: what fresh readings give instead, for the report.
    """
    if fresh_hash == planned_hash:
        return Permit(NAME, part=UNCHANGED)
    moved = Text("the situation moved since the plan was made: ", "計画後に状況が変わりました: ")
    return Refusal(NAME, moved + fresh, UNCHANGED)


def _judge(facts: GateFacts) -> tuple[GateAnswer, ...]:
    plan, fresh, read = facts.plan, facts.get(FRESH_PLAN), facts.reading(FRESH_PLAN)
    row = read.fact(Text("response of the fix", "対応の実行方法"), f"{plan.cause} {plan.fix}: {plan.response}")
    label = Text("plan, and as made anew", "計画と、再作成した計画")
    hashes = read.fact(label, f"{plan.short_hash} / {fresh.hash[:8] if fresh.hash else '-'}")
    moved = unchanged(plan.hash, fresh.hash, fresh.said)
    return (resting_on(planned(plan), row), resting_on(moved, hashes))


GATE = Gate(
    name=NAME,
    title=Text("plan", "計画"),
    judge=_judge,
    asked_of=FIXES_AND_RECOVERIES,
    checks=(
        Check(
            part=APPROVAL,
            title=Text("approval that the fix needs", "対応に必要な承認"),
            permits=Text("the guide's row runs alone", "ガイドの項目が自動実行を認めている"),
            asks=Text(
                "the row wants a person, or a bound of `limits` is passed",
                "ガイドの項目が人の承認を求めている、または `limits` の上限を超える",
            ),
            read_from=("the plan",),
        ),
        Check(
            part=UNCHANGED,
            title=Text("unchanged since the plan", "計画時から変化なし"),
            permits=Text("symptom and pre-image are as the plan was made from", "症状と変更前の値が、計画時と同じ"),
            refuses=Text("they moved", "変わった"),
            read_from=(FRESH_PLAN.source,),
        ),
    ),
)
