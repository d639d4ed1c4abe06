import pytest

from remediator.core.model import Signal
from remediator.core.serialization import from_json, to_json
from remediator.core.timestamps import after
from remediator.problems import route
from remediator.problems.alb_targets_unhealthy.runbook import RUNBOOK
from remediator.resources.ecs.backends import Behind, ContainerPort
from remediator.resources.ecs.model import Service

from ...samples import NOW, SERVICE_ARN
from .samples import ANYWHERE, HEALTHY, REFUSED, TIMEOUT, code, evidence, gap, group, groups
from .setting import (
    CLOSED,
    ID,
    PLAIN_WRONG,
    UNDECLARED,
    WRONG_CHECK,
    WRONG_PATH,
    cause_of,
    decision_on,
    diagnosed,
    unchecked,
)


def test_the_opt_in_is_the_tag_of_the_target_group():
    assert RUNBOOK.opt_in_tag(evidence()) == "auto"
    assert RUNBOOK.opt_in_tag(evidence(group=group(tags={}))) is None


def test_the_report_says_since_when_how_many_and_why():
    values = {f.label.en: f.value for f in RUNBOOK.situation(WRONG_PATH)}
    assert values["since"] == after(NOW, -600)
    assert values["healthy targets / in use"] == "0 / 2"
    assert values["unhealthy targets"].startswith("2 x Target.ResponseCodeMismatch")
    assert values["users: requests / failed, last 15 min"] == "1000 / 1.0 %"
    assert any("fail-open" in label for label in values)
    assert not any("fail-open" in f.label.en for f in RUNBOOK.situation(evidence(code(404), HEALTHY)))


@pytest.mark.parametrize("e", [WRONG_PATH, WRONG_CHECK, CLOSED, evidence(code(500))])
def test_every_cause_says_how_the_targets_are_checked(e):
    values = {f.label.en: f.value for f in diagnosed(e).held[0].facts}
    assert values["health check: path (port), codes"].startswith("HTTP /")
    assert values["its timeout / interval, to unhealthy / to healthy"] == "5 s / 30 s, 2 x / 5 x"


@pytest.mark.parametrize("e", [WRONG_PATH, WRONG_CHECK, CLOSED, PLAIN_WRONG])
def test_evidence_can_be_stored_and_replayed(e):
    assert from_json(type(e), to_json(e)) == e


def test_a_report_without_any_reading_claims_nothing():
    nothing = {n: gap() for n in ("group", "hosts", "traffic", "behind", "stack")}
    assert RUNBOOK.situation(evidence(**nothing)) == ()
    assert RUNBOOK.stack(evidence(**nothing)) is None


def test_slow_answers_stand_beside_the_health_checks_timeout():
    facts = {f.label.en: f.value for h in diagnosed(evidence(TIMEOUT)).held for f in h.facts}
    assert facts["slowest answer / health-check timeout"] == "120 ms / 5000 ms"


@pytest.mark.parametrize("metric", ["UnHealthyHostCount", "HealthyHostCount"])
def test_alarms_on_hosts_start_it(metric):
    alarm = Signal(
        kind="alarm",
        resource=decision_on(WRONG_PATH).resource,
        level="high",
        at=NOW,
        key="a",
        facts={"namespace": "AWS/ApplicationELB", "metric": metric},
    )
    assert route(alarm) == ID


def test_a_service_of_another_controller_is_still_managed():
    unmapped = Behind(managed=True, service=Service(arn=SERVICE_ARN, name="s", cluster="c", controller="CODE_DEPLOY"))
    assert cause_of(evidence(REFUSED, behind=unmapped), UNDECLARED) == "alb_targets_unhealthy.application_failing"
    several = (ContainerPort(container="a", port=1), ContainerPort(container="b", port=2))
    assert "wrong_port" in unchecked(evidence(REFUSED, behind=unmapped, container_ports=several), UNDECLARED)


def test_an_open_group_admits_from_anywhere():
    assert cause_of(evidence(TIMEOUT, security_groups=groups(ANYWHERE))) == "alb_targets_unhealthy.application_failing"
