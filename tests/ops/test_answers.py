"""Answers on the laptop, by each way that they can come."""

import json
from dataclasses import replace

import pytest

from ops.sandbox import applications as programs
from ops.sandbox.laptop import Act, Laptop
from ops.sandbox.outcome import ended
from remediator import approve
from remediator.aws import runtime as product
from remediator.core.answering import CHANNEL

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
    ((status, told),) = laptop.told
    assert (status, told["accepted"], told["by"]) == (200, True, ARN)
    assert ended(laptop).fixes == 1
    assert ARN in " ".join(laptop.reports[-1].mail.split())


def test_another_plans_hash_is_refused_with_the_plan_that_is_asked_now(laptop):
    ask(laptop, lambda at: at.told.append(by_url(at, reference=f"{at.question()[:-8]}deadbeef", answer="approve")))
    ((status, told),) = laptop.told
    assert (status, told["accepted"]) == (409, False)
    assert "512 -> 1024 MiB" in told["plan_now"] or "1024" in told["plan_now"]
    assert told["asked_now"]
    assert told["until"]
    assert laptop.world.writes == ()


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
