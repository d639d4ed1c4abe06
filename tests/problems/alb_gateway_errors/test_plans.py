import pytest

from remediator.core.model import Resource
from remediator.core.plan import Plan
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings
from remediator.incidents.assessment import assess, was_applied
from remediator.problems.alb_gateway_errors.model import Gateway
from remediator.problems.alb_gateway_errors.runbook import RUNBOOK
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy

from ...fakes import checked, operation
from ...samples import NOW, incident
from ..alb_targets_unhealthy.samples import BALANCER_ARN
from .samples import at_zero, evidence
from .setting import ID, LATE, PLANS, decision_on


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.fix)
def test_a_plan_is_what_aws_takes_and_fits_a_session_policy(plan):
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS
    assert from_json(Plan, to_json(plan)) == plan
    assert plan.hash == from_json(Plan, to_json(plan)).hash


@pytest.mark.parametrize(
    ("plan", "e"), list(zip(PLANS, (at_zero(), LATE), strict=True)), ids=lambda x: getattr(x, "fix", "")
)
def test_a_write_whose_answer_was_lost_is_found_by_its_pre_image(plan, e):
    assert was_applied(plan, RUNBOOK.current_values(e)) is False


def test_after_the_writes_the_pre_images_are_gone():
    assert was_applied(PLANS[0], RUNBOOK.current_values(evidence())) is True
    assert (
        was_applied(PLANS[1], RUNBOOK.current_values(evidence(gateway=Gateway(arn=BALANCER_ARN, idle_timeout_s=90))))
        is True
    )


def test_the_same_evidence_stored_and_read_again_gives_the_same_plan():
    stored = from_json(RUNBOOK.evidence, to_json(at_zero()))
    assert decision_on(stored).hash == decision_on(at_zero()).hash


def test_the_situation_names_users_targets_and_tasks():
    case = assess(
        RUNBOOK, incident(runbook=ID, resource=Resource("load_balancer", BALANCER_ARN)), at_zero(), NOW, Settings()
    )
    values = {f.label.en: f.value for f in case.about}
    assert values["tasks running / desired"] == "portfolio-api-service: 0 / 0"
    assert values["users: requests / failed at the load balancer / at the application, last 15 min"].endswith(
        "18000 / 0"
    )
    facts = {f.label.en: f.value for f in case.diagnosis.held[0].facts}
    assert facts["last count seen above zero"].startswith("3 ")
    assert facts["autoscaling owns the count"] == "2-6"
