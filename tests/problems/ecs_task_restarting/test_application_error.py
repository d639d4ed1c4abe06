import pytest

from remediator.core.plan import Advise, Watch
from remediator.resources.logs.digest import LogExcerpt

from ...samples import DEFINITION
from .samples import definition, evidence, gap, service, service_deployment
from .setting import CRASH_LOOP, FRESH, decision_on


def test_an_error_that_came_with_a_deployment_rolls_back():
    plan = decision_on(evidence(*CRASH_LOOP, deployments=FRESH))
    assert plan.fix == "roll_back"
    assert plan.calls[0].parameters["taskDefinition"] == f"{DEFINITION}:41"
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_a_deployment_in_progress_is_stopped_with_rollback():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    plan = decision_on(evidence(*CRASH_LOOP, deployments=going))
    assert [c.action for c in plan.calls] == ["ecs:StopServiceDeployment"]
    assert plan.calls[0].parameters["stopType"] == "ROLLBACK"


@pytest.mark.parametrize("status", ["ROLLBACK_IN_PROGRESS", "ROLLBACK_REQUESTED", "STOP_REQUESTED"])
def test_a_deployment_that_rolls_back_already_is_watched(status):
    assert isinstance(
        decision_on(evidence(*CRASH_LOOP, deployments=(service_deployment(42, 10, status), FRESH[1]))), Watch
    )


@pytest.mark.parametrize("status", ["ROLLBACK_SUCCESSFUL", "STOPPED", "SUCCESSFUL"])
def test_a_service_that_has_left_the_bad_revision_is_watched(status):
    back = service(task_definition=f"{DEFINITION}:41")
    done = (service_deployment(42, 10, status), FRESH[1])
    assert isinstance(decision_on(evidence(*CRASH_LOOP, deployments=done, service=back)), Watch)


def test_a_service_whose_own_circuit_breaker_rolls_back_is_watched():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    careful = service(breaker_rolls_back=True)
    assert isinstance(decision_on(evidence(*CRASH_LOOP, deployments=going, service=careful)), Watch)


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("another controller", {"service": service(controller="CODE_DEPLOY")}),
        ("no good deployment", {"deployments": FRESH[:1]}),
        (
            "same definition",
            {"deployments": (FRESH[0], service_deployment(41, 99, task_definition=f"{DEFINITION}:42"))},
        ),
        ("other network", {"deployments": (FRESH[0], service_deployment(41, 99, network={"subnets": ["other"]}))}),
        ("other balancer", {"deployments": (FRESH[0], service_deployment(41, 99, load_balancers=({"x": 1},)))}),
        ("deregistered", {"good_definition": definition(active=False)}),
        ("image gone", {"good_images": ()}),
        ("image unknown", {"good_images": gap("NotFound: image")}),
        ("deployed two days ago", {"deployments": (service_deployment(42, 60 * 49), FRESH[1])}),
        ("symptom older than the deployment", {"deployments": (service_deployment(42, 5), FRESH[1])}),
        ("other definition failing", {"deployments": (service_deployment(43, 10), FRESH[1])}),
        ("deployments unreadable", {"deployments": gap()}),
    ],
)
def test_nothing_is_rolled_back_unless_every_condition_holds(why, changes):
    decision = decision_on(evidence(*CRASH_LOOP, **{"deployments": FRESH, **changes}))
    assert isinstance(decision, Advise), why


def test_why_nothing_was_rolled_back_is_told():
    decision = decision_on(evidence(*CRASH_LOOP, deployments=FRESH, good_definition=definition(active=False)))
    assert isinstance(decision, Advise)
    assert any("deregistered" in why.en for why in decision.passed_over)
    assert all("deregistered" not in why.en for why in (decision.why,))


def test_an_error_without_a_deployment_is_told_with_its_first_stack_trace():
    words = LogExcerpt(group="/g", stream="s", lines=9, trace=("Traceback", "ValueError: boom"))
    found = decision_on(evidence(*CRASH_LOOP, last_words=words))
    assert isinstance(found, Advise)
    assert found.quote == ("Traceback", "ValueError: boom")
    assert any(c.startswith("aws logs get-log-events --log-group-name /g") for c in found.commands)
