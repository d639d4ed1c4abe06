"""What the tests of this problem share."""

from dataclasses import replace

from remediator.core.runbook import Setting
from remediator.core.settings import Settings, Workload
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.alb_slow_response.runbook import RUNBOOK
from remediator.resources.ecs.backends import Backend, Behind

from ...samples import NOW
from ..alb_targets_unhealthy.samples import GROUP_ARN, service
from .samples import load, times

WORKLOAD = Workload(name="portfolio", task_ceiling=6, tables=("portfolio-users",), latency_target_ms=100)


SETTING = Setting(now=NOW, settings=Settings(), workload=WORKLOAD, opened_at=NOW)


BUSY = {"times": times(4), "load": load(cpu=90.0)}


def decision(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


def running(desired, **changes):
    of = Behind(managed=True, service=replace(service(), desired=desired, running=desired, **changes))
    return (Backend(group=GROUP_ARN, behind=of),)
