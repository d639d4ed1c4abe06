import pytest

from remediator.core.evidence import Unchecked
from remediator.core.model import Resource, Signal
from remediator.core.plan import HandOver
from remediator.problems import route
from remediator.problems.alb_slow_response.runbook import RUNBOOK
from remediator.resources.ecs.backends import Backend, Behind
from remediator.resources.ecs.model import TaskStop

from ...samples import NOW
from ..alb_targets_unhealthy.samples import BALANCER_ARN as BALANCER
from ..alb_targets_unhealthy.samples import GROUP_ARN, gap
from .samples import evidence, times
from .setting import BUSY, decision, running


def test_alarms_on_the_response_time_come_here():
    resource = Resource("target_group", GROUP_ARN)
    facts = {"namespace": "AWS/ApplicationELB", "metric": "TargetResponseTime"}
    signal = Signal(kind="alarm", resource=resource, level="medium", at=NOW, key="k", facts=facts)
    assert route(signal) == RUNBOOK.id


def test_the_services_tag_decides_since_the_service_is_written_to():
    tagged = running(2, tags={"auto-remediation": "approve"})
    assert RUNBOOK.opt_in_tag(evidence(backends=tagged)) == "approve"
    with pytest.raises(Unchecked):
        RUNBOOK.opt_in_tag(evidence(backends=(Backend(group=GROUP_ARN, behind=Behind()),)))


def test_the_situation_tells_who_is_affected():
    values = {f.label.en: f.value for f in RUNBOOK.situation(evidence(**BUSY))}
    assert values["users: requests, last 15 min"] == "12000"
    assert values["tasks running / desired"] == "2 / 2"


def test_where_tasks_stop_behind_it_their_runbook_goes_on():
    killed = TaskStop(
        task_arn="t", group="service:s", reason="OutOfMemoryError: killed", started_at=NOW, stopped_at=NOW
    )
    found = decision(evidence(times=times(4), stops=(killed,)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind) == ("ecs_task_restarting", "ecs_service")


def test_answers_that_the_load_balancer_cuts_off_belong_to_its_errors():
    found = decision(evidence(times=times(4, balancer=BALANCER, cut_off=30), stops=gap("denied")))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.arn) == ("alb_gateway_errors", BALANCER)


def test_a_row_that_explains_it_here_comes_before_answers_that_were_cut_off():
    assert not isinstance(decision(evidence(**{**BUSY, "times": times(4, balancer=BALANCER, cut_off=30)})), HandOver)
