"""What the tests of this problem share."""

from dataclasses import replace

from remediator.core.runbook import Setting
from remediator.core.settings import Settings, Workload
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.alb_targets_unhealthy.runbook import RUNBOOK

from ...samples import NOW
from .samples import PLAIN, REFUSED, TIMEOUT, code, evidence, group, groups, target

ID = "alb_targets_unhealthy"


WORKLOAD = Workload(
    name="portfolio",
    cluster="portfolio-cluster",
    service="portfolio-api-service",
    target_group="targetgroup/portfolio-api/73e2d6bc24d8a067",
    health_path="/health",
    port=8000,
)


SETTING = Setting(now=NOW, settings=Settings(), workload=WORKLOAD, opened_at=NOW)


UNDECLARED = replace(SETTING, workload=None)


def diagnosed(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting)


def cause_of(e, setting=SETTING):
    return diagnosed(e, setting).cause


def unchecked(e, setting=SETTING):
    return {o.cause.split(".")[1]: o.why for o in diagnosed(e, setting).unchecked}


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnosed(e, setting), e, setting)


def with_path(path, *targets, **changes):
    return evidence(group=group(*(targets or (code(404), code(404))), health_path=path), **changes)


def with_port(health_port, *targets, **changes):
    return evidence(group=group(*(targets or (REFUSED, REFUSED)), health_port=health_port), **changes)


CLOSED = evidence(TIMEOUT, TIMEOUT, security_groups=groups())


WRONG_PATH = with_path("/helth")


WRONG_CHECK = with_port("9000")


PLAIN_WRONG = evidence(group=group(target(0, 80, **TIMEOUT), target(1)), behind=PLAIN)
