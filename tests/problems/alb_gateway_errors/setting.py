"""What the tests of this problem share."""

from remediator.core.plan import HandOver
from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.alb_gateway_errors.runbook import RUNBOOK

from ...samples import NOW
from .samples import answers, at_zero, evidence

ID = "alb_gateway_errors"


SETTING = Setting(now=NOW, settings=Settings(), workload=None, opened_at=NOW)


LATE = evidence(answers=answers(c504=60, p99_ms=60_000))


def diagnosed(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting)


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnosed(e, setting), e, setting)


def handed_to(e):
    found = decision_on(e)
    assert isinstance(found, HandOver), found
    return found.runbook, found.resource.kind


PLANS = [decision_on(at_zero()), decision_on(LATE)]
