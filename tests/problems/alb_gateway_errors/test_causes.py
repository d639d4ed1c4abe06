import pytest

from remediator.core.model import Resource, Signal
from remediator.problems import route
from remediator.problems.alb_gateway_errors.runbook import RUNBOOK

from ...samples import NOW
from ..alb_targets_unhealthy.samples import BALANCER_ARN, code, gap, group
from .samples import answers, evidence
from .setting import ID, diagnosed


@pytest.mark.parametrize(
    ("why", "e", "cause"),
    [
        ("502", evidence(answers=answers(c502=12)), f"{ID}.502"),
        ("503", evidence(answers=answers(c503=12)), f"{ID}.503"),
        ("504", evidence(answers=answers(c504=12)), f"{ID}.504"),
        ("the application's own", evidence(answers=answers(target_5xx=300)), f"{ID}.target_5xx"),
        ("most of them 503", evidence(answers=answers(c502=3, c503=900, c504=1)), f"{ID}.503"),
        ("most of them the application's", evidence(answers=answers(c502=3, target_5xx=900)), f"{ID}.target_5xx"),
        ("all targets unhealthy, and 502", evidence(groups=(group(code(503)),), answers=answers(c502=9)), f"{ID}.502"),
        ("nothing failed", evidence(), None),
    ],
)
def test_who_answered_what_names_the_row_of_the_guide(why, e, cause):
    assert diagnosed(e).cause == cause, why


def test_metrics_that_cannot_be_read_leave_every_row_open():
    found = diagnosed(evidence(answers=gap("Denied: GetMetricData")))
    assert len(found.unchecked) == 4
    assert found.cause is None


def test_a_row_that_was_not_answered_is_ruled_out():
    ruled_out = {x.cause.split(".")[1] for x in diagnosed(evidence(answers=answers(c503=9))).ruled_out}
    assert ruled_out == {"502", "504", "target_5xx"}


@pytest.mark.parametrize("cause", RUNBOOK.causes, ids=lambda c: c.id)
def test_each_row_says_in_both_languages_how_a_person_confirms_it_and_where_to_look(cause):
    assert cause.confirm.en
    assert cause.confirm.ja
    assert cause.look
    assert all(line.startswith("aws ") and "<" in line for line in cause.look)


@pytest.mark.parametrize(
    "metric",
    [
        "HTTPCode_ELB_502_Count",
        "HTTPCode_ELB_503_Count",
        "HTTPCode_ELB_504_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
    ],
)
def test_alarms_on_5xx_start_it(metric):
    facts = {"namespace": "AWS/ApplicationELB", "metric": metric}
    signal = Signal(
        kind="alarm", resource=Resource("load_balancer", BALANCER_ARN), level="high", at=NOW, key="k", facts=facts
    )
    assert route(signal) == ID
