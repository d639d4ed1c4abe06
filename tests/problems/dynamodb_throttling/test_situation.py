import pytest

from remediator.core.timestamps import after
from remediator.problems.dynamodb_throttling.evidence import Evidence
from remediator.problems.dynamodb_throttling.runbook import RUNBOOK

from ...samples import NOW
from .samples import bounds, evidence
from .setting import SHORT


def test_the_report_says_since_when_how_much_and_what_there_is():
    values = {f.label.en: f.value for f in RUNBOOK.situation(evidence(SHORT, scaling=(bounds(),)))}
    assert values["since"] == after(NOW, -300)
    assert values["users: throttled requests a minute"] == "60"
    assert values["table, write: peak units a second / provisioned"] == "5.0 / 5"
    assert values["autoscaling owns: table write"] == "5-8"


def test_the_report_says_what_it_can_where_nothing_could_be_read():
    assert RUNBOOK.situation(Evidence()) == ()
    assert RUNBOOK.stack(Evidence()) is None


@pytest.mark.parametrize(("tags", "mode"), [({"auto-remediation": "approve"}, "approve"), ({}, None)])
def test_the_opt_in_is_the_tag_of_the_table(tags, mode):
    assert RUNBOOK.opt_in_tag(evidence(tags=tags)) == mode
