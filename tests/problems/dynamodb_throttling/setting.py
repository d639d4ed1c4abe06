"""What the tests of this problem share."""

from dataclasses import replace

from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.core.timestamps import after
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK
from remediator.resources.dynamodb.model import Minute

from ...samples import NOW
from .samples import evidence, flow, hour

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)


SHORT = flow(provisioned=60)


PEAK = (hour("read"), hour(usual=1, peak=25, refused=600))


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, setting), e, setting)


HOT = evidence(flow(key_range=60))


BURST = evidence(flow(provisioned=600), load=PEAK)


def since(per_minute, of):
    return tuple(Minute(after(NOW, 60 * n), per_minute) for n in of)


def later(served=300.0, until=8, bad=(), cause="provisioned", direction="write", index_name=""):
    refused = since(60, bad)
    return replace(
        flow(direction, index_name),
        consumed=since(served, range(until)),
        refused=refused,
        by_cause={cause: refused},
    )
