"""Each message of the topics to Slack: the report of the ledger where there is one, else the message's own text."""

import json
from dataclasses import replace

import pytest

from remediator.aws import runtime as product
from remediator.core.errors import EventNotUnderstood, Retryable
from remediator.core.serialization import canonical, from_json
from remediator.core.settings import Settings
from remediator.handlers import slack
from remediator.incidents.case import Case
from remediator.ledger.incidents import Ledger
from remediator.notifications import slack_channel, slack_webhook
from remediator.notifications.slack_channel import WAITS_S, SlackChannel
from remediator.reports.channels.slack import slack_message
from remediator.reports.channels.sns import sns_messages
from remediator.reports.compose import compose
from tests.reports.cases import ASK, FIRST, OOM_FIXED

ARNS = {t: f"arn:aws:sns:ap-northeast-1:123456789012:{t}" for t in ("high", "medium", "low", "pager")}


class FakeWebhook:
    def __init__(self, *errors):
        self.told, self.errors = [], list(errors)

    def tell(self, body):
        if self.errors:
            raise self.errors.pop(0)
        self.told.append(json.loads(json.dumps(body)))


@pytest.fixture(autouse=True)
def _nothing_posted_yet():
    slack_channel._told.clear()


@pytest.fixture
def deployed(runtime):
    return replace(
        runtime,
        settings=Settings(language="en", languages={"low": "ja"}, zone="Asia/Tokyo"),
        environment=replace(runtime.environment, topics=ARNS),
    )


def record(case, topic="high", id="m-1", **changes):
    message = sns_messages(compose(case, Settings()), Settings())[0]
    given = {n: {"Type": "String", "Value": v} for n, v in message.attributes.items()}
    sns = {
        "MessageId": id,
        "TopicArn": ARNS[topic],
        "Subject": message.subject,
        "Message": json.loads(message.message)["default"],
        "MessageAttributes": given,
    }
    return {"EventSource": "aws:sns", "Sns": {**sns, **changes}}


def channel(runtime, webhook, waited=None):
    return SlackChannel(runtime, webhook, pause=[].append if waited is None else waited)


def keep(runtime, *cases):
    for case in cases:
        Ledger(runtime).note(case.incident.id, **{f"case_{case.stage}": case})


def test_a_report_is_made_of_the_ledgers_case_in_the_topics_language_and_the_deployments_zone(deployed):
    keep(deployed, OOM_FIXED)
    webhook = FakeWebhook()

    assert channel(deployed, webhook).tell(record(OOM_FIXED, topic="low")) == "report"
    kept = from_json(Case, json.loads(canonical(OOM_FIXED)))
    assert webhook.told == [slack_message(compose(kept, deployed.settings), "ja")]
    assert "JST" in json.dumps(webhook.told)


def test_a_report_that_is_kept_a_moment_after_it_was_published_is_waited_for(deployed):
    keep(deployed, replace(OOM_FIXED, at="2026-11-23T03:00:00.000Z"))  # an older one of the same stage
    webhook, waited = FakeWebhook(), []

    def pause(seconds):
        waited.append(seconds)
        if len(waited) == 2:
            keep(deployed, OOM_FIXED)

    assert channel(deployed, webhook, pause).tell(record(OOM_FIXED)) == "report"
    assert waited == list(WAITS_S[:2])
    assert "FIXED" in webhook.told[0]["blocks"][0]["text"]["text"]


def test_what_the_ledger_never_gets_is_told_by_the_messages_own_text(deployed):
    webhook, waited = FakeWebhook(), []

    assert channel(deployed, webhook, waited.append).tell(record(FIRST)) == "text"
    assert waited == list(WAITS_S)
    found = json.dumps(webhook.told, ensure_ascii=False)
    assert "Tasks start and stop again soon after" in found
    assert FIRST.incident.id in found


@pytest.mark.parametrize(
    "attributes",
    [{"stage": "storm_begins", "incident": "storm-1", "level": "high"}, {"stage": "notice", "level": "low"}, {}, None],
)
def test_storms_notices_and_alarms_are_told_at_once_by_their_text(deployed, attributes):
    webhook, waited = FakeWebhook(), []
    given = attributes and {n: {"Type": "String", "Value": v} for n, v in attributes.items()}
    found = record(
        FIRST,
        Subject="[STORM] [high] 12 incidents",
        Message="12 incidents since 03:00 UTC\n\n  remediator incidents",
        MessageAttributes=given,
    )

    assert channel(deployed, webhook, waited.append).tell(found) == "text"
    assert waited == []
    assert "12 incidents since 03:00 UTC\n\n  remediator incidents" in [
        b["text"]["text"] for b in webhook.told[0]["blocks"][:2]
    ]


def test_the_same_message_is_posted_once_and_after_a_failure_again(deployed):
    keep(deployed, ASK)
    webhook = FakeWebhook(Retryable("Slack answers 503"))
    desk = channel(deployed, webhook)

    with pytest.raises(Retryable):
        desk.tell(record(ASK))
    assert [desk.tell(record(ASK)), desk.tell(record(ASK)), desk.tell(record(ASK, id="m-2"))] == [
        "report",
        "again",
        "report",
    ]
    assert len(webhook.told) == 2


@pytest.mark.parametrize(
    "broken", [{}, {"Sns": None}, {"Sns": {"MessageId": "x"}}, {"Sns": {"MessageAttributes": 7}}, None]
)
def test_what_is_no_record_of_sns_is_not_understood(deployed, broken):
    with pytest.raises(EventNotUnderstood):
        channel(deployed, FakeWebhook()).tell(broken)


def test_the_entry_tells_every_record_and_raises_what_could_not_be_posted(deployed, monkeypatch):
    keep(deployed, OOM_FIXED)
    posted = []
    monkeypatch.setattr(slack_webhook.Webhook, "tell", lambda self, body: posted.append(body))
    product.install(deployed)
    try:
        assert slack.handle({"Records": [record(OOM_FIXED)]}, None) == ["report"]
        with pytest.raises(EventNotUnderstood):
            slack.handle({"Records": []}, None)
    finally:
        product.install(None)
    assert len(posted) == 1
