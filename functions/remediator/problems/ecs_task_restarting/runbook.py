"""The table of `ecs_task_restarting`: its rows in the guide's order, evidence, verification."""

from ...core.problem_titles import RESTARTING
from ...core.runbook import Runbook
from ...resources.ecs.situation import current_values, losing_tasks, opt_in_tag, situation
from ...resources.ecs.stops import to_the_other
from . import application_error, health_check_failing, out_of_memory
from .evidence import Evidence, Outcome
from .facts import ID
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=RESTARTING.title,
    symptom=RESTARTING.symptom,
    guide="ECS/Fargate: tasks restart often",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(health_check_failing.CAUSE, out_of_memory.CAUSE, application_error.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    symptom_present=losing_tasks,
    belongs_elsewhere=lambda e, setting: to_the_other(ID, e, setting),
)
