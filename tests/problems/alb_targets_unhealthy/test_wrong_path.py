from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Plan, Watch
from remediator.core.timestamps import after
from remediator.resources.load_balancing.target_health import HostCounts

from ...samples import NOW
from .samples import GROUP_ARN, HEALTHY, PLAIN, TIMEOUT, code, gap, hosts, target
from .setting import SETTING, UNDECLARED, WRONG_PATH, cause_of, decision_on, with_path


def test_the_declared_path_is_set_back_alone_where_targets_were_healthy_before():
    plan = decision_on(WRONG_PATH)
    assert isinstance(plan, Plan)
    assert plan.calls[0].parameters == {"TargetGroupArn": GROUP_ARN, "HealthCheckPath": "/health"}
    assert plan.undo[0].parameters["HealthCheckPath"] == "/helth"
    assert (plan.response, plan.worse is not None) == ("auto", True)


@pytest.mark.parametrize(
    ("why", "e"),
    [
        ("never healthy", with_path("/helth", hosts=hosts(healthy_before=False))),
        ("no datapoint", with_path("/helth", hosts=HostCounts())),
        ("metric unreadable", with_path("/helth", hosts=gap())),
        ("another reason besides", with_path("/helth", code(404), TIMEOUT)),
        ("port differs too", with_path("/helth", target(0, 80, **code(404)), behind=PLAIN)),
        ("unhealthy for the whole day", with_path("/helth", hosts=hosts(unhealthy_minutes=120))),
    ],
)
def test_a_path_that_is_not_proved_is_asked(why, e):
    plan = decision_on(e)
    assert plan.fix == "set_health_path", why
    assert plan.response == "ask", why
    assert plan.ask_because.ja


def test_targets_that_still_pass_are_watched_first_and_then_a_person_is_asked():
    some = with_path("/helth", code(404), HEALTHY)
    assert isinstance(decision_on(some), Watch)
    later = decision_on(some, replace(SETTING, now=after(NOW, 300)))
    assert (later.fix, later.response) == ("set_health_path", "ask")


def test_without_a_declared_path_the_answer_is_told():
    found = decision_on(WRONG_PATH, UNDECLARED)
    assert cause_of(WRONG_PATH, UNDECLARED) == "alb_targets_unhealthy.wrong_path"
    assert isinstance(found, Advise)
    assert found.commands
