"""What the tests of this problem share."""

from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.ecs_task_restarting.runbook import RUNBOOK

from ...samples import NOW
from .samples import crash, service_deployment, stop, unhealthy

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)


OOM_LOOP = (stop(1), stop(4), stop(7))


CRASH_LOOP = (crash(1), crash(4), crash(7))


HEALTH_LOOP = (unhealthy(1), unhealthy(4), unhealthy(7))


FRESH = (service_deployment(42, 10), service_deployment(41, 60 * 24 * 30))


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)
