"""An Application Load Balancer answers 5xx itself, or passes on those of the application.

Guide: Application Load Balancer, error codes 502 (target does not answer properly), 503 (no healthy target), 504
(target too slow); and, added to them, 5xx that the application itself answers.
May change: the desired count of a service that was scaled to zero, back to what it was; the load balancer's idle timeout
(always asked). What lies behind another problem is handed over to that one's runbook.
Never: counts above what ran before, autoscaling's bounds, targets, listeners, schedules.
"""

from ...core.problem_titles import GATEWAY_ERRORS
from ...core.runbook import Runbook
from . import http_502, http_503, http_504, target_5xx
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation, stack, symptom_present
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=GATEWAY_ERRORS.title,
    symptom=GATEWAY_ERRORS.symptom,
    guide="Application Load Balancer: error codes",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(http_502.CAUSE, http_503.CAUSE, http_504.CAUSE, target_5xx.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    stack=stack,
    symptom_present=symptom_present,
)
