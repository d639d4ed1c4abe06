import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator.core.errors import Defect
from remediator.core.plan import Call, Grant, filled, merged, referenced
from remediator.resources.iam.session_policy import session_policy
from tests.samples import SERVICE_ARN, plan

NESTED = st.recursive(
    st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(min_size=1), c), max_leaves=10
)


def test_a_call_takes_what_an_earlier_one_answered():
    answers = [{"taskDefinition": {"taskDefinitionArn": "arn:new"}}]
    found = filled({"service": "s", "taskDefinition": "${0.taskDefinition.taskDefinitionArn}"}, answers)
    assert found == {"service": "s", "taskDefinition": "arn:new"}


@pytest.mark.parametrize("reference", ["${1.a}", "${0.b}", "${0.a.b}"])
def test_a_reference_to_what_is_not_there_is_a_defect(reference):
    with pytest.raises(Defect):
        filled({"x": reference}, [{"a": 1}])


@given(NESTED)
def test_values_without_references_stay_as_they_are(value):
    assert filled(value, []) == value
    assert referenced(value) == ()


def test_changes_of_named_things_are_merged_by_name_and_leave_the_rest():
    base = {"cpu": "256", "containerDefinitions": [{"name": "api", "memory": 1, "image": "i"}, {"name": "log"}]}
    changed = merged(base, {"memory": "1024", "containerDefinitions": [{"name": "api", "memory": 2}]})
    assert changed == {
        "cpu": "256",
        "memory": "1024",
        "containerDefinitions": [{"name": "api", "memory": 2, "image": "i"}, {"name": "log"}],
    }


@given(NESTED)
def test_merging_nothing_new_changes_nothing(value):
    assert merged({"a": value}, {}) == {"a": value}


def test_the_session_policy_allows_the_calls_on_their_arns_and_nothing_else():
    calls = (Call(action="ecs:UpdateService", parameters={}, arn=SERVICE_ARN, also=(Grant("iam:PassRole", "arn:r"),)),)
    document = json.loads(session_policy(calls))
    allowed = {(a, s["Resource"]) for s in document["Statement"] for a in s["Action"]}
    assert allowed == {("ecs:UpdateService", SERVICE_ARN), ("iam:PassRole", "arn:r")}
    assert {s["Effect"] for s in document["Statement"]} == {"Allow"}


def test_a_policy_that_aws_would_refuse_for_its_length_is_a_defect():
    many = tuple(Call(action="ecs:UpdateService", parameters={}, arn=f"{SERVICE_ARN}-{n}") for n in range(50))
    with pytest.raises(Defect, match="2048"):
        session_policy(many)


def test_a_plan_is_named_by_its_calls_and_its_pre_image_not_by_its_words():
    assert plan().hash == plan(title=plan().title + plan().title).hash
    assert plan().hash != plan(before={"healthCheckGracePeriodSeconds": "5"}).hash
    assert plan().hash != plan(calls=()).hash
