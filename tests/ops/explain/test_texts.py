"""`explain` on unseen texts of each shape: the row that AWS's documentation gives them, or an honest `unknown`."""

import pytest

from ops.explain.inputs import SHAPES, explain
from tests.ops.explain.unseen_ecs import SERVICE_MESSAGES, START_FAILURES, STOPS
from tests.ops.explain.unseen_found import FOUND
from tests.ops.explain.unseen_others import DYNAMODB_ERRORS, DYNAMODB_METRICS, LOGS, POLICIES, TARGETS

CASES = (
    *(({"ecs_stopped_task": {"stopCode": "TaskFailedToStart", "stoppedReason": text}}, right) for text, right, _ in START_FAILURES),
    *(({"ecs_stopped_task": stop}, right) for stop, right, _ in STOPS),
    *(({"ecs_service_message": text}, right) for text, right, _ in SERVICE_MESSAGES),
    *(({"dynamodb_error": error}, right) for error, right, _ in DYNAMODB_ERRORS),
    *(({"dynamodb_metric": {"namespace": space, "name": name}}, right) for space, name, right in DYNAMODB_METRICS),
    *(({"target_health": health}, right) for health, right in TARGETS),
    *(({"log": text}, right) for text, right, _ in LOGS),
    *(({"bucket_policy": policy}, right) for policy, right in POLICIES),
)  # fmt: skip


@pytest.mark.parametrize(("given", "right"), CASES, ids=lambda v: str(v)[:70] if isinstance(v, dict) else "")
def test_an_unseen_text_is_given_its_row_or_none(given, right):
    explained = explain(given)
    assert (explained.cause or explained.outcome) in right, explained
    assert explained.because.en.strip()
    assert explained.because.ja.strip()


def test_every_shape_is_tried():
    assert {next(iter(given)) for given, _ in CASES} | {"event"} == set(SHAPES)


@pytest.mark.parametrize(("given", "right", "source"), FOUND)
def test_a_text_found_in_public_is_given_its_row_or_none(given, right, source):
    explained = explain(given)
    assert (explained.cause or explained.outcome) in right, (source, explained)
