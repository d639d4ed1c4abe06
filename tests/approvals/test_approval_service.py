"""What people say beside answers: orders, which the approve function hands to intake with one word and one id."""

import io
import json
from dataclasses import replace

import pytest

from remediator.approvals.request import CHANNEL, VIEWER
from remediator.aws import runtime as product
from remediator.aws.runtime import Environment
from remediator.handlers import approve
from remediator.ledger.incidents import Ledger
from tests import samples

INCIDENT = samples.incident()
STARTED = [{"incident": "ecs-task-restarting-9", "how": "undo"}]


class Lambda:
    """Intake as Lambda invokes it; everything else is moto's."""

    def __init__(self, real, answer, error=""):
        self._real, self._answer, self._error = real, answer, error
        self.asked = []

    def __call__(self, service, region=""):
        return self if service == "lambda" else self._real(service, region)

    def invoke(self, **asked):
        self.asked.append((asked["FunctionName"], json.loads(asked["Payload"]), asked.get("InvocationType")))
        failed = {"FunctionError": self._error} if self._error else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self._answer).encode()), **failed}


@pytest.fixture
def desk(runtime):
    there = replace(runtime, environment=Environment(ledger_table="ledger", intake_function="remediator-intake"))
    Ledger(there).tell(INCIDENT.signals[0], INCIDENT)

    def opened(answer=STARTED, *, error="", **settings):
        intake = Lambda(there.clients, answer, error)
        product.install(replace(there, clients=intake, settings=replace(there.settings, **settings)))
        return intake

    yield opened
    product.install(None)


@pytest.mark.parametrize("order", ["undo", "replay"])
def test_an_order_reaches_intake_as_one_word_with_who_gave_it(desk, order):
    intake = desk()
    response = approve.handle({"reference": INCIDENT.id, "answer": order, "by": "sato@example.com"}, None)
    assert response == {
        "accepted": True,
        "incident": "ecs-task-restarting-9",
        "of": INCIDENT.id,
        "answer": order,
        "by": "sato@example.com",
    }
    assert intake.asked == [("remediator-intake", {order: INCIDENT.id, "by": "sato@example.com"}, None)]


def test_a_dashboards_order_is_recorded_as_a_viewers_and_answered_in_html(desk):
    intake = desk()
    event = {"reference": INCIDENT.id, "answer": "undo", "by": "the boss", "widgetContext": {"locale": "ja"}}
    response = approve.handle(event, None)
    assert "取り消しを開始しました" in response
    assert "ecs-task-restarting-9" in response
    ((_, payload, _),) = intake.asked
    assert payload == {"undo": INCIDENT.id, "by": VIEWER}


def test_a_chats_order_is_held_to_the_same_setting_as_its_answers(desk):
    intake = desk()
    assert not approve.handle({"undo": INCIDENT.id}, None)["accepted"]
    assert intake.asked == []
    intake = desk(chat_approvals="channel_role")
    assert approve.handle({"undo": INCIDENT.id}, None)["by"] == CHANNEL
    assert intake.asked == [("remediator-intake", {"undo": INCIDENT.id, "by": CHANNEL}, None)]


@pytest.mark.parametrize(
    ("became", "why"),
    [([{"refused": "that change has no undo"}], "no undo"), ([{"ignored": "no runbook looks into x"}], "no runbook")],
)
def test_what_intake_refuses_is_told_as_it_says_it(desk, became, why):
    desk(became)
    response = approve.handle({"reference": INCIDENT.id, "answer": "undo", "by": "sato"}, None)
    assert not response["accepted"]
    assert why in response["why"]


def test_an_intake_that_fails_is_told_without_its_trace(desk):
    desk({"errorType": "Retryable", "errorMessage": "secret", "stackTrace": ["line 1"]}, error="Unhandled")
    response = approve.handle({"reference": INCIDENT.id, "answer": "undo", "by": "sato"}, None)
    assert not response["accepted"]
    assert "Retryable" in response["why"]
    assert "secret" not in json.dumps(response)


@pytest.mark.parametrize("reference", ["nowhere-1", "slot#x", "", "a" * 80])
def test_an_order_for_no_incident_reaches_nobody(desk, reference):
    intake = desk()
    assert not approve.handle({"reference": reference, "answer": "undo", "by": "sato"}, None)["accepted"]
    assert intake.asked == []


@pytest.mark.parametrize("word", ["recover", "replay_apply", "Undo", "apply"])
def test_nothing_but_undo_and_replay_is_an_order(desk, word):
    intake = desk()
    response = approve.handle({"reference": INCIDENT.id, "answer": word, "by": "sato"}, None)
    assert not response["accepted"]
    assert intake.asked == []


def test_a_dashboards_answer_to_nothing_is_told_in_html(desk):
    desk()
    response = approve.handle({"reference": "?", "answer": "approve", "widgetContext": {}}, None)
    assert "Not taken" in response
    assert response.startswith("<div")
