"""The table of `ecs_task_not_starting`: its rows in the guide's order, evidence, verification."""

from ...core.problem_titles import NOT_STARTING
from ...core.runbook import Runbook
from ...resources.ecs.situation import opt_in_tag
from ...resources.ecs.stops import to_the_other
from . import image_unavailable, insufficient_resources, invalid_task_definition, missing_permissions, network_blocked
from .evidence import Evidence, Outcome
from .facts import ID, current_values, situation, symptom_present
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=NOT_STARTING.title,
    symptom=NOT_STARTING.symptom,
    guide="ECS/Fargate: tasks do not start",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(
        insufficient_resources.CAUSE,
        missing_permissions.CAUSE,
        network_blocked.CAUSE,
        image_unavailable.CAUSE,
        invalid_task_definition.CAUSE,
    ),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    symptom_present=symptom_present,
    belongs_elsewhere=lambda e, setting: to_the_other(ID, e, setting),
)
