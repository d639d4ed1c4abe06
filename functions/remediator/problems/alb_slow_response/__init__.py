"""Responses through an Application Load Balancer are slow.

Guide: Application Load Balancer, response time over 100 ms: tasks short of resources, DynamoDB latency, network congestion.
May change: the number of tasks by one step, or autoscaling's minimum where autoscaling owns the number; both only within
the declared ceiling.
Never: task definitions, autoscaling's maximum or policies, tables (handed over), zones, routes, rules.
"""

from ...core.problem_titles import SLOW_RESPONSE
from ...core.runbook import Runbook
from . import dynamodb_latency, network_congestion, task_resources
from .evidence import Evidence, Outcome
from .facts import ID, about, image, mode, seen, stack
from .hand_over import elsewhere
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
    mode=mode,
    image=image,
    about=about,
    stack=stack,
    seen=seen,
    elsewhere=elsewhere,
)
