"""Targets of an Application Load Balancer are unhealthy.

Guide: Application Load Balancer, targets unhealthy: wrong health-check path, wrong port, closed security group; and,
added to it, the application itself failing.
May change: the target group's health-check path and port; registrations of targets that ECS does not manage; one
ingress rule from the load balancer's security group on one port (always asked).
Never: registrations of a service's targets, addresses in a rule, network ACLs, listeners, matchers, the load balancer.
"""

from ...core.problem_titles import TARGETS_UNHEALTHY
from ...core.runbook import Runbook
from . import application_failing, security_group_closed, wrong_path, wrong_port
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation, stack
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
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    stack=stack,
)
