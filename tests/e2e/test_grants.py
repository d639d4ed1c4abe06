"""What the proof of the grants removes, and what counts as noticing it."""

from dataclasses import replace

import pytest

from sandbox.scenarios import Ending, by_name

from .grants import granted_writes, without
from .play import differences, noticed
from .stage import first_trouble
from .stories import STORIES, story_of
from .story import Played

ACTION = "ecs:UpdateService"


def role(*statements):
    policy = {"PolicyDocument": {"Statement": list(statements)}}
    return {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Join": ["-fix-"]}, "Policies": [policy]}}


@pytest.fixture
def template():
    allowed = {"Effect": "Allow", "Action": [ACTION, "ecs:StopServiceDeployment"], "Resource": "*"}
    denied = {"Effect": "Deny", "Action": ["ecs:Delete*"], "Resource": "*"}
    other = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader"}}
    return {"Resources": {"Fix": role(allowed, denied), "Other": other}}


def test_a_removed_action_is_gone_and_all_else_stays(template):
    left = without(template, ACTION)
    assert granted_writes(left) == ("ecs:StopServiceDeployment",)
    assert granted_writes(template) == ("ecs:StopServiceDeployment", ACTION)


def test_what_nobody_is_granted_cannot_be_removed(template):
    with pytest.raises(KeyError, match="s3:PutObject"):
        without(template, "s3:PutObject")


def test_only_a_refusal_that_a_report_names_is_noticed():
    story = story_of("bad-release")
    refused = Played(name=story.name, ending=Ending(verdict="not_fixed"), denials=(f"{ACTION} on x by y",))
    assert noticed(story, refused, ACTION, [f"{ACTION} is not allowed"]) == ()
    assert noticed(story, refused, ACTION, ["something failed"])
    assert noticed(story, replace(refused, denials=()), ACTION, [ACTION])
    assert noticed(story, replace(refused, ending=by_name(story.name).expected), ACTION, [ACTION])


def test_others_may_notice_the_same_trouble_but_who_must_have_noticed_it_has():
    one, two = "alb_gateway_errors.502", "alb_gateway_errors.503"
    assert differences(Ending(noticed=(one,)), Ending(noticed=(two, one), fixes=1)) == ()
    assert differences(Ending(noticed=(one,)), Ending(noticed=(two,)))
    assert differences(Ending(fixes=1), Ending(fixes=0))


@pytest.mark.synth
def test_every_granted_write_has_a_story_that_needs_it():
    from .assembly import synthesise

    needed = {action for s in STORIES for action in s.needs}
    assert needed == set(granted_writes(synthesise().template))


def test_what_nobody_heals_comes_back_and_is_another_trouble():
    first = {"state": "closed", "opened_at": "2026-11-28T00:00:00Z", "closed_at": "2026-11-28T01:00:00Z"}
    beside = {"state": "closed", "opened_at": "2026-11-28T00:30:00Z", "closed_at": "2026-11-28T01:10:00Z"}
    again = {"state": "opened", "opened_at": "2026-11-28T01:20:00Z"}
    assert first_trouble([]) == []
    assert first_trouble([first, beside, again]) == [first, beside]
    assert first_trouble([first, beside]) == [first, beside]
