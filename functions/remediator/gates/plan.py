"""Gate: the plan itself asks for approval, or the symptom and pre-image changed since the plan was made."""

from ..core.model import Plan
from ..core.text import Text
from .answers import Ask, GateAnswer, Permit, Refusal

UNCHANGED = "unchanged"


def planned(plan: Plan) -> GateAnswer:
    """What the guide's row itself says: its changes run alone, or only after a person approved."""
    if plan.response == "ask":
        return Ask(
            "row", plan.ask_because or Text("the guide's row asks a person", "ガイドの項目が人の承認を求めています")
        )
    return Permit("row")


def unchanged(planned_hash: str, fresh_hash: str | None, fresh: Text) -> GateAnswer:
    """Whether symptom and pre-image are still as read: the plan made from fresh readings is the same plan.

    Args:
        planned_hash: of the plan as it was made.
        fresh_hash: of the plan that fresh readings give; None where they give no plan.
        fresh: what fresh readings give instead, for the report.
    """
    if fresh_hash == planned_hash:
        return Permit(UNCHANGED)
    moved = Text("the situation moved since the plan was made: ", "計画後に状況が変わりました: ")
    return Refusal(UNCHANGED, moved + fresh)
