from dataclasses import replace

import pytest

from remediator.core.plan import Advise, Plan, Watch
from remediator.resources.ecs.task_setup import WantedImage

from ...samples import DEFINITION
from ..ecs_task_restarting.samples import gap, service, service_deployment
from .samples import (
    NEW_IMAGE,
    NO_SECRET,
    NOT_FOUND,
    OLD_IMAGE,
    REFUSED,
    SECRET,
    evidence,
    loop,
    role,
    setup,
    with_secret,
)
from .setting import FRESH, IMAGE, INVALID, MISSING_IMAGE, decision_on


@pytest.mark.parametrize(("reason", "cause"), [(NOT_FOUND, IMAGE), (NO_SECRET, INVALID)])
def test_what_came_with_a_deployment_rolls_back(reason, cause):
    plan = decision_on(evidence(*loop(reason), deployments=FRESH))
    assert (plan.fix, plan.cause, plan.response) == ("roll_back", cause, "auto")
    assert plan.calls[0].parameters["taskDefinition"] == f"{DEFINITION}:41"
    assert plan.undo[0].parameters["taskDefinition"] == f"{DEFINITION}:42"


def test_a_deployment_in_progress_is_stopped_with_rollback():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    plan = decision_on(evidence(*loop(NOT_FOUND), deployments=going))
    assert [c.action for c in plan.calls] == ["ecs:StopServiceDeployment"]


def test_a_service_whose_own_circuit_breaker_rolls_back_is_watched():
    going = (service_deployment(42, 10, "IN_PROGRESS"), FRESH[1])
    e = evidence(*loop(NOT_FOUND), deployments=going, service=service(breaker_rolls_back=True, running=2, desired=3))
    assert isinstance(decision_on(e), Watch)


def test_an_image_that_the_last_good_revision_names_too_is_told():
    same = setup(arn=f"{DEFINITION}:41", images=(NEW_IMAGE,))
    found = decision_on(evidence(*loop(NOT_FOUND), deployments=FRESH, good_setup=same, **MISSING_IMAGE))
    assert NEW_IMAGE in found.why.en
    assert any("names the same image" in t.en for t in found.passed_over)


def test_an_image_of_another_registry_is_told_without_a_claim_that_it_is_gone():
    elsewhere = (WantedImage(image="docker.io/library/nginx:1", why="not in ECR"),)
    found = decision_on(evidence(*loop(NOT_FOUND), images=elsewhere))
    assert "Not in its registry" not in found.why.en


def test_without_a_deployment_the_difference_to_the_last_good_revision_is_told():
    found = decision_on(evidence(*loop(NO_SECRET), setup=with_secret()))
    assert isinstance(found, Advise)
    assert f"api.secret DATABASE_URL: - -> {SECRET}" in found.why.en
    assert f"api.image: {OLD_IMAGE} -> {NEW_IMAGE}" in found.why.en


def test_a_secret_that_the_last_good_revision_names_too_is_not_cured_by_going_back():
    same = replace(with_secret(), arn=f"{DEFINITION}:41")
    found = decision_on(evidence(*loop(NO_SECRET), deployments=FRESH, setup=with_secret(), good_setup=same))
    assert isinstance(found, Advise)
    assert any("would not help" in t.en for t in found.passed_over)


def test_a_one_off_task_is_told_once_and_not_looked_after():
    one_off = tuple(replace(s, group="family:portfolio-api") for s in loop(REFUSED))
    no_service = gap("NotFound: no service owns it")
    found = decision_on(evidence(*one_off, service=no_service, said=no_service, roles=(role("logs:*"),)))
    assert found.final
    assert "put-role-policy" in found.commands[0]
    assert decision_on(evidence(*(replace(s, reason=NOT_FOUND) for s in one_off), service=no_service)).final


def test_a_good_revision_whose_image_is_gone_is_not_rolled_back_to():
    e = evidence(*loop(NOT_FOUND), deployments=FRESH, good_images=gap("NotFound: a digest is gone"))
    assert not isinstance(decision_on(e), Plan)
