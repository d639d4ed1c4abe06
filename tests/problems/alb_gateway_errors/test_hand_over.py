import pytest

from remediator.core.plan import Advise, Watch
from remediator.problems.alb_gateway_errors.model import Gateway
from remediator.resources.ecs.backends import Backend, Behind

from ...samples import SERVICE_ARN
from ..alb_targets_unhealthy.samples import BALANCER_ARN, GROUP_ARN, code, gap, group
from .samples import answers, backend, evidence, release, stop
from .setting import ID, decision_on, handed_to


@pytest.mark.parametrize("codes", [{"c502": 9}, {"c503": 9}])
@pytest.mark.parametrize(
    ("why", "changes", "to"),
    [
        ("tasks are killed", {"stops": (stop(),)}, ("ecs_task_restarting", "ecs_service")),
        (
            "tasks never start",
            {"stops": (stop(started_at="", stop_code="TaskFailedToStart", reason="CannotPullContainerError: x"),)},
            ("ecs_task_not_starting", "ecs_service"),
        ),
        ("targets fail", {"groups": (group(code(404)),)}, ("alb_targets_unhealthy", "target_group")),
        ("none is healthy yet", {"groups": (group({"state": "initial"}),)}, ("alb_targets_unhealthy", "target_group")),
        ("tasks are missing", {"backends": (backend(running=0),)}, ("ecs_task_not_starting", "ecs_service")),
        (
            "stops come before targets that fail",
            {"stops": (stop(),), "groups": (group(code(503)),)},
            ("ecs_task_restarting", "ecs_service"),
        ),
    ],
)
def test_502_and_503_lead_to_the_cause_behind_them(codes, why, changes, to):
    assert handed_to(evidence(answers=answers(**codes), **changes)) == to, why


@pytest.mark.parametrize("rollout", ["IN_PROGRESS", "COMPLETED"])
def test_a_release_of_the_last_minutes_is_watched(rollout):
    found = decision_on(evidence(answers=answers(c503=9), backends=(backend(deployments=release(3, rollout)),)))
    assert isinstance(found, Watch)


def test_an_older_release_explains_nothing():
    e = evidence(answers=answers(c502=9), backends=(backend(deployments=release(40, "COMPLETED")),))
    assert isinstance(decision_on(e), Advise)


@pytest.mark.parametrize("old", [stop(30), stop(stop_code="UserInitiated", reason="Task stopped by user")])
def test_old_stops_and_wanted_ones_explain_nothing(old):
    assert isinstance(decision_on(evidence(answers=answers(c502=9), stops=(old,))), Advise)


def test_502_with_nothing_behind_it_is_told():
    found = decision_on(evidence(answers=answers(c502=9)))
    assert isinstance(found, Advise)
    assert "Nothing behind it" in found.why.en


@pytest.mark.parametrize("unread", ["backends", "stops", "groups"])
def test_what_could_not_be_read_decides_nothing(unread):
    found = decision_on(evidence(answers=answers(c502=9), **{unread: gap("Denied: x")}))
    assert isinstance(found, Advise)
    assert "Denied: x" in found.why.en


@pytest.mark.parametrize("codes", [{"c502": 9}, {"c503": 9}, {"c504": 9}])
def test_a_target_groups_alarm_leads_to_the_load_balancers_own_incident(codes):
    noticed = Gateway(arn=BALANCER_ARN, noticed_on=GROUP_ARN)
    assert handed_to(evidence(answers=answers(**codes), gateway=noticed)) == (ID, "load_balancer")


def test_errors_of_the_application_are_said_to_be_none_of_the_load_balancer():
    found = decision_on(
        evidence(answers=answers(target_5xx=300), gateway=Gateway(arn=BALANCER_ARN, noticed_on=GROUP_ARN))
    )
    assert (found.runbook, found.resource.arn) == ("ecs_task_restarting", SERVICE_ARN)
    assert "only passes them on" in found.why.en


def test_errors_of_an_application_that_no_service_is_known_of_are_told():
    assert isinstance(
        decision_on(evidence(answers=answers(target_5xx=9), backends=(Backend(group=GROUP_ARN, behind=Behind()),))),
        Advise,
    )
