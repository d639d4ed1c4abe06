"""The table of `alb_targets_unhealthy`: its rows in the guide's order, evidence, verification."""

from ...core.problem_titles import TARGETS_UNHEALTHY
from ...core.runbook import Runbook, tag_of
from . import application_failing, security_group_closed, wrong_path, wrong_port
from .evidence import Evidence, Outcome
from .facts import ID, current_values, situation
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=TARGETS_UNHEALTHY.title,
    symptom=TARGETS_UNHEALTHY.symptom,
    guide="Application Load Balancer: targets unhealthy",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(wrong_path.CAUSE, wrong_port.CAUSE, security_group_closed.CAUSE, application_failing.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=tag_of("group"),
    current_values=current_values,
    situation=situation,
)
