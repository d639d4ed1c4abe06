"""The table of `lease_hand_back`: its rows in the guide's order, evidence, verification."""

from ...core.lease import RUNBOOK as ID
from ...core.lease import VERIFIED_S
from ...core.runbook import Runbook, tag_of
from ...core.text import Text
from . import calm, decreases_spent, not_ours_any_more, still_needed
from .evidence import Evidence, Outcome
from .facts import situation, stack
from .loan import current_values
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=Text("A temporary raise is due", "一時変更の返却期限"),
    symptom=Text("what a fix has lent is due to be handed back", "自動対応による一時変更が返却期限を迎えた"),
    guide="",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(not_ours_any_more.CAUSE, still_needed.CAUSE, decreases_spent.CAUSE, calm.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=tag_of("held"),
    current_values=current_values,
    situation=situation,
    stack=stack,
    hands_back=True,
    give_up_after_s=VERIFIED_S,
)
