"""The table of `alb_slow_response`: its rows in the guide's order, evidence, verification."""

from ...core.problem_titles import SLOW_RESPONSE
from ...core.runbook import Runbook
from . import dynamodb_latency, network_congestion, task_resources
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation, symptom_present
from .hand_over import belongs_elsewhere
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=SLOW_RESPONSE.title,
    symptom=SLOW_RESPONSE.symptom,
    guide="Application Load Balancer: slow responses",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(task_resources.CAUSE, dynamodb_latency.CAUSE, network_congestion.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    symptom_present=symptom_present,
    belongs_elsewhere=belongs_elsewhere,
)
