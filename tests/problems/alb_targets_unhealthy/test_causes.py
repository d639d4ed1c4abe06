from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.resources.ecs.backends import ContainerPort

from .samples import HEALTHY, REFUSED, TIMEOUT, code, evidence, group, groups, target
from .setting import (
    CLOSED,
    ID,
    PLAIN_WRONG,
    WRONG_CHECK,
    WRONG_PATH,
    cause_of,
    decision_on,
    diagnosed,
    with_path,
    with_port,
)


@pytest.mark.parametrize(
    ("why", "e", "cause"),
    [
        ("404 on another path", with_path("/helth"), "alb_targets_unhealthy.wrong_path"),
        ("redirected", with_path("/", code(301), code(302)), "alb_targets_unhealthy.wrong_path"),
        ("forbidden", with_path("/admin", code(403), HEALTHY), "alb_targets_unhealthy.wrong_path"),
        ("404 on the declared path", with_path("/health"), "alb_targets_unhealthy.application_failing"),
        ("5xx on another path", with_path("/helth", code(503), code(503)), "alb_targets_unhealthy.application_failing"),
        ("5xx", evidence(code(500), HEALTHY), "alb_targets_unhealthy.application_failing"),
        ("checked where nobody listens", with_port("9000"), "alb_targets_unhealthy.wrong_port"),
        ("checked on the right port by number", with_port("8000"), "alb_targets_unhealthy.application_failing"),
        (
            "checked on a container's other port",
            with_port("9000", container_ports=(ContainerPort(container="admin", port=9000),)),
            "alb_targets_unhealthy.application_failing",
        ),
        ("registered on another port", PLAIN_WRONG, "alb_targets_unhealthy.wrong_port"),
        ("no rule for the load balancer", CLOSED, "alb_targets_unhealthy.security_group_closed"),
        ("timeouts on an open port", evidence(TIMEOUT, TIMEOUT), "alb_targets_unhealthy.application_failing"),
        ("refused on the right port", evidence(REFUSED), "alb_targets_unhealthy.application_failing"),
        (
            "refused although a group is closed: packets do arrive",
            evidence(REFUSED, security_groups=groups()),
            "alb_targets_unhealthy.application_failing",
        ),
        ("all healthy", evidence(), None),
        (
            "an error of the load balancer itself",
            evidence({"state": "unhealthy", "reason": "Elb.InternalError"}),
            None,
        ),
    ],
)
def test_reason_and_settings_together_name_the_row_of_the_guide(why, e, cause):
    assert cause_of(e) == cause, why


@pytest.mark.parametrize("state", ["initial", "draining", "unused", "unhealthy.draining", "unavailable"])
def test_targets_that_come_or_go_are_no_trouble(state):
    assert cause_of(evidence({"state": state, "reason": "Target.Timeout"})) is None


def test_what_is_seen_most_often_is_acted_on_first():
    e = evidence(group=group(code(404), target(1, **TIMEOUT), replace(target(1, **TIMEOUT), id="10.0.1.10")))
    e = replace(e, group=replace(e.group, value=replace(e.group.get(), health_path="/helth")))
    assert [h.cause for h in diagnosed(e).held] == [f"{ID}.application_failing", f"{ID}.wrong_path"]


def test_a_success_that_the_matcher_refuses_is_told_and_not_changed():
    found = decision_on(evidence(group=group(code(200), code(200), matcher="204")))
    assert isinstance(found, Advise)
    assert "matcher" in found.why.en


def test_every_fact_says_where_and_when_it_was_read():
    for e in (WRONG_PATH, WRONG_CHECK, CLOSED, evidence(code(500))):
        for held in diagnosed(e).held:
            assert held.facts
            assert all(f.source and f.at for f in held.facts)
