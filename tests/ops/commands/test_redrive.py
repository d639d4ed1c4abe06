"""Dead letters: an event that could not be handled is handed back, and its incident is opened and ended after all."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from ops import cli
from ops.commands.redrive import Letters, hand_back, waiting
from ops.deployment import deployed
from remediator.notifications.slack_channel import published
from sandbox import applications as programs
from sandbox import names
from sandbox.environment import connected_clients
from sandbox.lambda_.durable import as_text
from sandbox.laptop import Laptop
from sandbox.outcome import ended
from sandbox.wire import AwsError

RUN = CliRunner()
INTAKE = "arn:aws:sqs:ap-northeast-1:123456789012:intake"
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:high"
DEAD = {way: f"https://dead/{way}" for way in ("intake", "rules", "remediate")}
SLACK = "https://dead/slack"


class Queues:
    """Dead-letter queues as SQS shows them: a message is out of sight once received, and gone once deleted."""

    def __init__(self):
        self.waiting = {url: [] for url in (*DEAD.values(), SLACK)}
        self.out = {}
        self.asked = 0

    def put(self, way, body, **attributes):
        self.waiting[{**DEAD, "slack": SLACK}[way]].append((body, attributes))

    def fakes(self):
        return {
            "GetQueueAttributes": self.count,
            "ReceiveMessage": self.receive,
            "DeleteMessage": self.delete,
        }

    def count(self, asked):
        return {"Attributes": {"ApproximateNumberOfMessages": str(len(self.waiting[asked["QueueUrl"]]))}}

    def receive(self, asked):
        url, most = asked["QueueUrl"], asked["MaxNumberOfMessages"]
        found, self.waiting[url] = self.waiting[url][:most], self.waiting[url][most:]
        return {"Messages": [self._message(url, *one) for one in found]}

    def _message(self, url, body, attributes):
        self.asked += 1
        handle = f"receipt-{self.asked}"
        self.out[handle] = (url, body, attributes)
        values = {n: {"DataType": "String", "StringValue": v} for n, v in attributes.items()}
        return {"MessageId": handle, "ReceiptHandle": handle, "Body": body, "MessageAttributes": values}

    def delete(self, asked):
        del self.out[asked["ReceiptHandle"]]
        return {}


@pytest.fixture
def laptop():
    with Laptop() as opened:
        yield opened


@pytest.fixture
def queues(laptop):
    made = Queues()
    laptop.world.fake("sqs", made.fakes())
    return made


@pytest.fixture
def letters(laptop, queues):
    clients = connected_clients()
    return Letters(
        sqs=clients("sqs"),
        lambda_=clients("lambda"),
        dead=DEAD,
        intake_url="https://intake",
        intake_arn=INTAKE,
        alias=names.REMEDIATE_ALIAS,
    )


def refused(_):
    raise AwsError("AccessDeniedException", "not authorized to perform: dynamodb:UpdateItem")


def test_an_event_that_could_not_be_handled_is_handed_back_and_its_trouble_ends(laptop, queues, letters):
    laptop.world.fake("dynamodb", {"UpdateItem": refused})
    laptop.world.run_service()
    laptop.world.fall_ill(programs.LEAKS)
    with pytest.raises(TimeoutError):
        laptop.run()
    assert laptop.dead_letters
    assert laptop.records() == []
    del laptop.world.fakes[("dynamodb", "UpdateItem")]
    dead = laptop.dead_letters[-1]
    queues.put("intake", json.dumps(dead.event))
    assert [letter.outcome for letter in hand_back(letters, "intake", 10)] == ["handed back"]
    assert queues.out == {}
    laptop.world.queue = [replace(d, by_rule=False) for d in laptop.world.queue]
    laptop._settle()
    assert ended(laptop).incidents == 1


def test_what_a_rule_could_not_deliver_goes_to_the_intake_queue(laptop, queues, letters):
    event = {"source": "aws.ecs", "detail-type": "x", "detail": {}}
    queues.put("rules", json.dumps(event), TARGET_ARN=INTAKE, ERROR_MESSAGE="the queue was throttled")
    (letter,) = hand_back(letters, "rules", 10)
    assert (letter.outcome, letter.why.en) == ("handed back", "the queue was throttled")
    assert [d.event for d in laptop.world.queue if not d.by_rule] == [event]


def test_what_was_for_somebody_else_is_kept_and_named(laptop, queues, letters):
    queues.put("rules", "{}", TARGET_ARN=TOPIC)
    (letter,) = hand_back(letters, "rules", 10)
    assert letter.outcome == "kept"
    assert TOPIC in letter.why.en
    assert TOPIC in letter.why.ja
    assert len(queues.out) == 1
    assert not [d for d in laptop.world.queue if not d.by_rule]


def test_an_incident_that_could_not_be_started_is_started_under_its_own_name_once(laptop, queues, letters):
    for _ in range(2):
        queues.put("remediate", '{"incident": "ecs-task-restarting-0123456789"}')
    queues.put("remediate", '{"incident": "x", "apply": true}')
    found = [letter.outcome for letter in hand_back(letters, "remediate", 10)]
    assert found == ["handed back", "handed back", "kept"]
    assert laptop.durable.names == ("ecs-task-restarting-0123456789",)


def test_a_message_that_cannot_be_sent_stays_in_its_queue(laptop, queues, letters):
    laptop.world.fake("sqs", {"SendMessage": refused})
    queues.put("intake", "{}")
    with pytest.raises(Exception, match="intake"):
        list(hand_back(letters, "intake", 10))
    assert len(queues.out) == 1


def test_no_more_than_wanted_are_handed_back_and_secrets_are_not_shown(queues, letters):
    for _ in range(15):
        queues.put("intake", '{"password": "hunter2-hunter2"}')
    found = list(hand_back(letters, "intake", 12))
    assert len(found) == 12
    assert waiting(letters, ("intake",)) == {"intake": 3}
    assert all("hunter2" not in letter.about for letter in found)


def test_a_report_that_slack_did_not_take_is_posted_again_whether_lambda_kept_it_or_sns(laptop, queues, letters):
    sns = {"Type": "Notification", "MessageId": "m-1", "TopicArn": TOPIC, "Message": "FIXED"}
    sns |= {"MessageAttributes": {"stage": {"Type": "String", "Value": "final"}}}
    for body in ({"Records": [{"Sns": sns}]}, sns, {"other": 1}, [1]):
        queues.put("slack", json.dumps(body))
    invoked = []
    laptop.world.fake("lambda", {"Invoke": lambda asked: invoked.append(asked) or {"StatusCode": 202}})
    with_slack = replace(letters, dead={**DEAD, "slack": SLACK}, slack="slack-function")
    found = [letter.outcome for letter in hand_back(with_slack, "slack", 10)]
    assert found == ["handed back", "handed back", "kept", "kept"]
    assert {(i["FunctionName"], i["InvocationType"]) for i in invoked} == {("slack-function", "Event")}
    for asked in invoked:
        (message,) = map(published, json.loads(as_text(asked["Payload"]))["Records"])
        assert (message.id, message.text, message.attributes) == ("m-1", "FIXED", {"stage": "final"})


def said(letters, monkeypatch, *words):
    monkeypatch.setattr(deployed.Deployment, "letters", lambda _: letters)
    ran = RUN.invoke(cli.app, ["redrive", *words])
    return ran.exit_code, ran.output


def test_without_a_yes_the_command_counts_and_hands_nothing_back(queues, letters, monkeypatch):
    queues.put("intake", "{}")
    status, found = said(letters, monkeypatch)
    assert status == 3
    assert "intake: 1, rules: 0, remediate: 0" in found
    assert len(queues.waiting[DEAD["intake"]]) == 1


def test_the_command_hands_back_and_says_what_it_kept(queues, letters, monkeypatch):
    queues.put("intake", '{"a": 1}')
    queues.put("rules", "{}", TARGET_ARN=TOPIC)
    status, found = said(letters, monkeypatch, "--yes")
    assert status == 1
    assert "1 handed back, 1 kept" in found
    assert "rules: kept" in found


def test_the_command_speaks_japanese_and_shows_what_lay_there_as_it_is(queues, letters, monkeypatch):
    queues.put("intake", '{"a": "[red]b[/]"}')
    queues.put("rules", "{}", TARGET_ARN=TOPIC)
    status, found = said(letters, monkeypatch, "--yes", "--language", "ja")
    assert status == 1
    assert "1 件を戻し、1 件を残しました" in found
    assert 'intake: 戻しました: {"a": "[red]b[/]"}' in found
    assert f"宛先は {TOPIC} でした" in found


def test_the_command_answers_in_json(queues, letters, monkeypatch):
    queues.put("intake", '{"a": 1}')
    status, found = said(letters, monkeypatch, "--yes", "--json", "--only", "intake")
    assert status == 0
    assert json.loads(found)["letters"][0]["outcome"] == "handed back"


def test_an_unknown_queue_and_empty_queues(queues, letters, monkeypatch):
    assert said(letters, monkeypatch, "--only", "everything")[0] == 2
    assert said(letters, monkeypatch, "--only", "slack")[0] == 2  # nothing posts to Slack here
    assert said(letters, monkeypatch)[0] == 0
