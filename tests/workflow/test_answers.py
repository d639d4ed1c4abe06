"""Answers on the laptop, by each way that they can come."""

import json
from contextlib import contextmanager
from dataclasses import replace

import pytest

from remediator.approvals.request import CHANNEL, VIEWER
from remediator.aws import runtime as product
from remediator.handlers import approve
from sandbox import applications as programs
from sandbox.laptop import Act, Laptop
from sandbox.outcome import ended
from sandbox.wire import AwsError

ARN = "arn:aws:sts::123456789012:assumed-role/Admin/sato@example.com"


@pytest.fixture
def laptop():
    with Laptop() as opened:
        opened.told = []
        yield opened


def ask(laptop, *acts):
    laptop.world.run_service(tags={"auto-remediation": "approve"})
    laptop.world.fall_ill(programs.LEAKS)
    laptop.run(tuple(Act(after_question_s=60 * (n + 1), do=act) for n, act in enumerate(acts)))


def by_url(laptop, **body):
    iam = {"http": {"method": "POST"}, "authorizer": {"iam": {"userArn": ARN}}}
    event = {"version": "2.0", "requestContext": iam, "body": json.dumps(body), "isBase64Encoded": False}
    answer = approve.handle(event, None)
    return answer["statusCode"], json.loads(answer["body"])


def test_by_the_url_the_callers_arn_is_recorded_and_told(laptop):
    ask(laptop, lambda at: at.told.append(by_url(at, reference=at.question(), answer="approve", by="the boss")))
    ((status, found),) = laptop.told
    assert (status, found["accepted"], found["by"]) == (200, True, ARN)
    assert ended(laptop).fixes == 1
    assert ARN in " ".join(laptop.reports[-1].mail.split())


def test_another_plans_hash_is_refused_with_the_plan_that_is_asked_now(laptop):
    ask(laptop, lambda at: at.told.append(by_url(at, reference=f"{at.question()[:-8]}deadbeef", answer="approve")))
    ((status, found),) = laptop.told
    assert (status, found["accepted"]) == (409, False)
    assert "512 -> 1024 MiB" in found["plan_now"] or "1024" in found["plan_now"]
    assert found["asked_now"]
    assert found["until"]
    assert laptop.world.writes == ()


@contextmanager
def failing(laptop, service, operation, status):
    """While it is open AWS answers one operation with an error."""

    def refuse(_):
        raise AwsError("AccessDeniedException" if status < 500 else "ServiceException", "not now", status)

    before = dict(laptop.world.fakes)
    laptop.world.fake(service, {operation: refuse})
    try:
        yield
    finally:
        laptop.world.fakes = before


def test_an_answer_that_aws_did_not_take_is_to_be_said_again_and_counts_once(laptop):
    def twice(at):
        said = {"reference": at.question(), "answer": "approve"}
        with failing(at, "lambda", "SendDurableExecutionCallbackSuccess", 500):
            at.told.append(by_url(at, **said))
        at.told.append(by_url(at, **said))

    ask(laptop, twice)
    (first, again), (second, taken) = laptop.told
    assert (first, again["accepted"], again["again"]) == (503, False, True)
    assert "say it again" in again["why"]
    assert (second, taken["accepted"]) == (200, True)
    assert ended(laptop).fixes == 1


def test_an_answer_that_the_execution_has_is_taken_even_where_the_ledger_could_not_be_told(laptop):
    def unnoted(at):
        with failing(at, "dynamodb", "UpdateItem", 400):
            at.told.append(by_url(at, reference=at.question(), answer="approve"))

    ask(laptop, unnoted)
    ((status, found),) = laptop.told
    assert (status, found["accepted"]) == (200, True)
    assert "not noted yet" in found["why"]
    assert (ended(laptop).fixes, ended(laptop).verdict) == (1, "fixed")


def test_a_body_that_is_none_is_a_bad_request():
    event = {"requestContext": {"http": {"method": "POST"}, "authorizer": {"iam": {"userArn": ARN}}}, "body": "{"}
    with Laptop():
        assert approve.handle(event, None)["statusCode"] == 400


def from_chat(laptop):
    event = {"reference": laptop.question(), "answer": "approve", "via": "chat", "by": "the boss"}
    laptop.told.append(approve.handle(event, None))


def test_a_chats_button_answers_nothing_unless_it_is_declared(laptop):
    ask(laptop, from_chat)
    assert "chat_approvals" in laptop.told[0]["why"]
    assert laptop.world.writes == ()


def test_a_declared_chats_button_answers_as_the_channels_role(laptop):
    settings = replace(laptop.runtime.settings, chat_approvals="channel_role")
    laptop.runtime = replace(laptop.runtime, settings=settings)
    product.install(laptop.runtime)
    ask(laptop, from_chat)
    assert laptop.told[0]["by"] == CHANNEL
    assert ended(laptop).fixes == 1


def by_dashboard(laptop, **said):
    """What CloudWatch shows a viewer after a click."""
    return approve.handle({**said, "widgetContext": {"locale": "en", "accountId": "123456789012"}}, None)


def test_from_a_dashboard_a_viewer_is_recorded_whatever_the_event_says_of_them(laptop):
    ask(laptop, lambda at: at.told.append(by_dashboard(at, reference=at.question(), answer="approve", by="the boss")))
    assert "Approved." in laptop.told[0]
    assert ended(laptop).fixes == 1
    assert [r["answered_by"] for r in laptop.records()] == [VIEWER]
    assert "a viewer of the dashboard" in " ".join(laptop.reports[-1].mail.split())


def test_from_a_dashboard_a_change_is_taken_back_by_an_incident_of_its_own(laptop):
    ask(laptop, lambda at: at.answer())
    (healed,) = laptop.records()
    found = by_dashboard(laptop, reference=healed["pk"].removeprefix("incident#"), answer="undo")
    laptop.run()
    undone = laptop.records()[-1]
    assert "The undo has begun" in found
    assert undone["pk"].removeprefix("incident#") in found
    assert (undone["origin"], undone["verdict"]) == ("undo", "fixed")
    assert json.loads(undone["incident"])["requested_by"] == VIEWER
    assert [w.operation for w in laptop.world.writes].count("UpdateService") == 2


def test_what_made_no_change_is_not_taken_back(laptop):
    ask(laptop, lambda at: at.answer("refuse"))
    (left,) = laptop.records()
    found = by_dashboard(laptop, reference=left["pk"].removeprefix("incident#"), answer="undo")
    assert "Not taken" in found
    assert "made no change" in found
    assert len(laptop.records()) == 1


def test_a_replay_that_a_person_orders_only_looks(laptop):
    ask(laptop, lambda at: at.answer("refuse"))
    (left,) = laptop.records()
    before = laptop.world.writes
    order = {"reference": left["pk"].removeprefix("incident#"), "answer": "replay", "by": "sato@example.com"}
    response = approve.handle(order, None)
    laptop.run()
    assert response["accepted"]
    assert laptop.world.writes == before
    assert laptop.records()[-1]["verdict"] == "replayed"
