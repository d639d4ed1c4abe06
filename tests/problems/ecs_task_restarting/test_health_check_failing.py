import pytest

from remediator.core.plan import Advise
from remediator.resources.logs.digest import LogExcerpt

from .samples import evidence, gap, service, target_group, unhealthy
from .setting import FRESH, HEALTH_LOOP, decision_on


def test_a_health_check_that_fails_since_a_deployment_rolls_back():
    assert decision_on(evidence(*HEALTH_LOOP, deployments=FRESH)).fix == "roll_back"


def test_tasks_killed_while_they_start_get_a_longer_grace_period():
    plan = decision_on(evidence(*HEALTH_LOOP))
    assert plan.fix == "lengthen_grace"
    assert plan.calls[0].parameters["healthCheckGracePeriodSeconds"] == 130
    assert plan.undo[0].parameters["healthCheckGracePeriodSeconds"] == 0
    assert plan.worse is not None


@pytest.mark.parametrize(
    ("why", "changes"),
    [
        ("lived long", {"stops": tuple(unhealthy(m, lived_s=4000) for m in (1, 4))}),
        ("never healthy", {"deployments": (), "target_groups": (target_group("unhealthy"),)}),
        (
            "container health check",
            {"stops": tuple(unhealthy(m, reason="Task failed container health checks") for m in (1, 4))},
        ),
        ("at its ceiling", {"service": service(grace_s=600)}),
    ],
)
def test_the_grace_period_is_left_alone_otherwise(why, changes):
    decision = decision_on(evidence(*HEALTH_LOOP, **changes))
    assert getattr(decision, "fix", "") != "lengthen_grace", why


def test_the_grace_period_never_passes_its_ceiling():
    slow = tuple(unhealthy(m, lived_s=590) for m in (1, 11))
    assert decision_on(evidence(*slow, service=service(grace_s=550))).after["healthCheckGracePeriodSeconds"] == "600"


def test_tasks_that_were_healthy_for_long_are_replaced_where_the_image_is_pinned():
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    plan = decision_on(evidence(*late))
    assert (plan.fix, plan.response) == ("force_new_deployment", "auto")
    assert plan.undo == ()
    assert plan.no_undo is not None


@pytest.mark.parametrize("same", [False, gap("NotFound: the tag is gone")])
def test_an_image_that_may_have_changed_asks_before_tasks_are_replaced(same):
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    assert decision_on(evidence(*late, same_images=same)).response == "ask"


def test_errors_in_the_log_are_told_instead_of_restarting_once_more():
    late = tuple(unhealthy(m, lived_s=4000) for m in (1, 4))
    words = LogExcerpt(group="/g", stream="s", lines=9, errors=("ERROR no database",))
    found = decision_on(evidence(*late, last_words=words))
    assert isinstance(found, Advise)
    assert found.quote == ("ERROR no database",)
