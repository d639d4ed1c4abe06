"""What the tests of this problem share."""

from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.dynamodb_table_undeletable.runbook import RUNBOOK

from ...samples import NOW

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW)


ROWS = ("in_use", "backup_enabled", "index_creating", "deletion_protected")


def diagnosis(e):
    return diagnose(RUNBOOK, e, SETTING)


def row_of(e):
    return (diagnosis(e).cause or "none.none").split(".")[1]


def decision_on(e):
    return decide(RUNBOOK, diagnosis(e), e, SETTING)
