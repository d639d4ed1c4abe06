from remediator.core.plan import Advise, HandOver

from ...samples import SERVICE_ARN
from .samples import PLAIN, code, evidence
from .setting import decision_on


def test_a_failing_application_is_handed_over_to_its_services_own_runbook():
    found = decision_on(evidence(code(503), code(503)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind, found.resource.arn) == (
        "ecs_task_restarting",
        "ecs_service",
        SERVICE_ARN,
    )
    assert "503" in found.why.en


def test_an_application_that_is_no_known_service_is_told():
    assert isinstance(decision_on(evidence(code(503), behind=PLAIN)), Advise)
