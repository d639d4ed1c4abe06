"""What a fix has lent is due: more tasks, more units, wider bounds go back step by step, or are lent on.

Guide: none; the rows are ours. The guide raises counts and capacities and says nothing of their way back.
May change: only what the program has lent itself, towards the value before: provisioned units, bounds of autoscaling,
on-demand maxima, a service's count; one step at a time. Never: what somebody has changed since, a billing mode, anything
below the value before the loan.
"""

from ...core.lease import RUNBOOK as ID
from ...core.lease import VERIFIED_S
from ...core.runbook import Runbook
from ...core.text import Text
from . import calm, decreases_spent, not_ours_any_more, still_needed
from .evidence import Evidence, Outcome
from .facts import opt_in_tag, situation, stack
from .loan import current_values
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=Text("A temporary raise is due", "一時変更の返却期限"),
    symptom=Text("what a fix has lent is due to be handed back", "自動対応による一時変更が返却期限を迎えた"),
    guide="",
    triggers=(),
    evidence=Evidence,
    causes=(not_ours_any_more.CAUSE, still_needed.CAUSE, decreases_spent.CAUSE, calm.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    stack=stack,
    hands_back=True,
    give_up_after_s=VERIFIED_S,
)
