"""The table of `alb_gateway_errors`: its rows in the guide's order, evidence, verification."""

from ...core.problem_titles import GATEWAY_ERRORS
from ...core.runbook import Runbook
from . import http_502, http_503, http_504, target_5xx
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation, symptom_present
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
    symptom_present=symptom_present,
)
