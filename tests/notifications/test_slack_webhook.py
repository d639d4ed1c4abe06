"""The webhook: its address is a secret that is read once, refused addresses are read again, errors say what happens next."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest

from remediator.core.errors import Denied, ForAPerson, NotFound, Rejected, Retryable
from remediator.notifications import slack_webhook
from remediator.notifications.slack_webhook import Answered, Webhook, address_in, send

OLD, NEW = "https://hooks.slack.com/services/T0/B0/old", "https://hooks.slack.com/services/T0/B0/new"
BODY = {"text": "FIXED: portfolio-api-service", "blocks": [{"type": "divider"}]}


class FakeSlack:
    """Answers by address; remembers what was posted where."""

    def __init__(self, **answers):
        self.answers = {"old": Answered(200, "ok"), "new": Answered(200, "ok"), **answers}
        self.posted = []

    def __call__(self, url, body):
        self.posted.append((url, dict(body)))
        return self.answers[url.rsplit("/", 1)[1]]


@pytest.fixture
def secret(runtime):
    slack_webhook._known.clear()
    arn = boto3.client("secretsmanager").create_secret(Name="slack", SecretString=OLD)["ARN"]
    yield replace(runtime, environment=replace(runtime.environment, slack_secret=arn))
    slack_webhook._known.clear()


def put(found):
    boto3.client("secretsmanager").put_secret_value(SecretId="slack", SecretString=found)


def test_the_address_is_read_once_for_the_life_of_the_process(secret):
    slack = FakeSlack()
    Webhook(secret, slack).tell(BODY)
    put(NEW)
    Webhook(secret, slack).tell(BODY)

    assert slack.posted == [(OLD, BODY), (OLD, BODY)]


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refused_address_is_read_again_and_the_newer_one_is_used(secret, status):
    slack = FakeSlack(old=Answered(status, "no_service"))
    Webhook(secret, FakeSlack()).tell(BODY)
    put(json.dumps({"url": NEW}))
    Webhook(secret, slack).tell(BODY)

    assert [url for url, _ in slack.posted] == [OLD, NEW]


def test_an_address_that_is_refused_and_not_replaced_is_for_a_person_and_posted_to_once(secret):
    slack = FakeSlack(old=Answered(410, "channel_is_archived"))

    with pytest.raises(Rejected, match="410: channel_is_archived") as found:
        Webhook(secret, slack).tell(BODY)

    assert len(slack.posted) == 1
    assert "hooks.slack.com" not in str(found.value)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (Answered(429, "rate_limited", "30"), Retryable, "wait 30"),
        (Answered(429, "rate_limited"), Retryable, "wait a moment"),
        (Answered(500, "rollup_error"), Retryable, "answers 500"),
        (Answered(503, ""), Retryable, "answers 503"),
        (Answered(400, "invalid_blocks"), Rejected, "invalid_blocks"),
        (Answered(413, "too large"), Rejected, "too large"),
        (Answered(302, ""), Rejected, "302"),
    ],
)
def test_what_slack_answers_says_what_happens_next(secret, answer, error, said):
    with pytest.raises(error, match=said):
        Webhook(secret, FakeSlack(old=answer)).tell(BODY)


@pytest.mark.parametrize(
    "held",
    [
        "",
        "hello",
        "http://hooks.slack.com/services/x",
        "https://evil.example/https://hooks.slack.com/",
        "{",
        '{"url": 7}',
        "{}",
    ],
)
def test_a_secret_that_holds_no_webhook_is_for_a_person_and_is_not_shown(held):
    with pytest.raises(ForAPerson) as found:
        address_in(held)
    assert "evil" not in str(found.value)


def test_a_secret_may_be_the_address_or_an_object_with_it():
    assert address_in(f" {OLD}\n") == OLD
    assert address_in(json.dumps({"url": NEW})) == NEW


def test_a_secret_that_is_gone_is_for_a_person(runtime):
    slack_webhook._known.clear()
    away = replace(runtime, environment=replace(runtime.environment, slack_secret="nobody"))
    with pytest.raises((NotFound, Rejected, Denied)):
        Webhook(away, FakeSlack()).tell(BODY)


class _Slack(BaseHTTPRequestHandler):
    def do_POST(self):
        parsed = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.posted.append(parsed)
        status = int(self.path.strip("/"))
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "30")
        self.end_headers()
        self.wfile.write(b"ok" if status == 200 else b"invalid_blocks")

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def server():
    made = HTTPServer(("127.0.0.1", 0), _Slack)
    made.posted = []
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.mark.parametrize(
    ("status", "word", "wait"), [(200, "ok", ""), (429, "invalid_blocks", "30"), (400, "invalid_blocks", "")]
)
def test_the_slack_sdk_posts_once_and_its_answer_is_told(server, status, word, wait):
    answered = send(f"http://127.0.0.1:{server.server_port}/{status}", BODY)

    assert answered == Answered(status, word, wait)
    assert server.posted == [{**BODY, "unfurl_links": False, "unfurl_media": False}]


def test_where_nobody_answers_it_may_be_tried_again_and_the_address_is_not_told():
    with pytest.raises(Retryable) as found:
        send("http://127.0.0.2:1/services/T0/B0/secret", BODY)
    assert "secret" not in str(found.value)


def test_the_address_is_never_logged_even_where_everything_is(server, caplog):
    caplog.set_level("DEBUG")
    send(f"http://127.0.0.1:{server.server_port}/200", BODY)
    assert str(server.server_port) not in caplog.text
