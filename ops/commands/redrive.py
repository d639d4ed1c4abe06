"""Dead letters handed back to where they were going: an event to the intake queue, an incident to `remediate`.

SQS's own redrive (StartMessageMoveTask) takes only queues that are the dead-letter queue of another SQS queue; the
others here are those of a rule's target, of asynchronous invokes and of a topic's subscription. So each message is sent again and then
deleted: one that is sent twice joins its own incident, one that is lost on the way is still in its queue.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError

from remediator.core.errors import ForAPerson
from remediator.core.text import Text, same
from remediator.redaction.redact import outside

Way = Literal["intake", "rules", "remediate", "slack"]
WAYS: tuple[Way, ...] = ("intake", "rules", "remediate", "slack")
BATCH = 10  # SQS: most messages of one receive
HELD_S = 120  # ours: longer than one batch takes, so nobody else hands the same message back meanwhile
SHOWN_CHARS = 300
NO_REASON = same("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letters:
    """Where the letters lie and where they were going.

    Attributes:
        dead: URL of each dead-letter queue that the deployment has.
        intake_url, intake_arn: the intake queue.
        alias: ARN of the alias of `remediate`.
        slack: name of the function that posts to Slack; empty where none is deployed.
    """

    sqs: Any
    lambda_: Any
    dead: Mapping[Way, str]
    intake_url: str
    intake_arn: str
    alias: str
    slack: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message of a dead-letter queue, and what became of it.

    Attributes:
        about: what it is, redacted and bounded.
        why: the reason that AWS gives for the dead letter in its own words, empty where there is none.
        outcome: `kept` has its reason in `why`.
    """

    way: Way
    about: str
    outcome: Literal["handed back", "kept"]
    why: Text = NO_REASON


def waiting(letters: Letters, ways: Sequence[Way]) -> Mapping[Way, int]:
    """How many messages wait in each queue, as SQS counts them (approximately).

    Raises:
        ForAPerson: a queue cannot be read.
    """
    return {way: _count(letters, way) for way in ways}


def hand_back(letters: Letters, way: Way, most: int) -> Iterator[Letter]:
    """Hands back at most `most` messages of one queue, each told as soon as it is done.

    Raises:
        ForAPerson: AWS refuses; the message at hand stays in its queue.
    """
    left = most
    while left > 0:
        found = _received(letters, way, min(BATCH, left))
        if not found:
            return
        left -= len(found)
        for message in found:
            yield _handed_back(letters, way, message)


def _handed_back(letters: Letters, way: Way, message: Mapping[str, Any]) -> Letter:
    about, why = outside(str(message["Body"]), SHOWN_CHARS), same(_reason(message))
    if against := _against(letters, way, message):
        return Letter(way=way, about=about, why=against, outcome="kept")
    try:
        _send(letters, way, str(message["Body"]))
        letters.sqs.delete_message(QueueUrl=letters.dead[way], ReceiptHandle=message["ReceiptHandle"])
    except (ClientError, BotoCoreError) as error:
        raise ForAPerson(f"{way}: {error}") from error
    return Letter(way=way, about=about, why=why, outcome="handed back")


def _send(letters: Letters, way: Way, body: str) -> None:
    if way in ("intake", "rules"):
        letters.sqs.send_message(QueueUrl=letters.intake_url, MessageBody=body)
        return
    if way == "slack":
        event = json.dumps(_of_topic(body))
        letters.lambda_.invoke(FunctionName=letters.slack, InvocationType="Event", Payload=event)
        return
    incident = str(json.loads(body)["incident"])
    letters.lambda_.invoke(
        FunctionName=letters.alias,
        InvocationType="Event",
        DurableExecutionName=incident,
        Payload=json.dumps({"incident": incident}),
    )


def _against(letters: Letters, way: Way, message: Mapping[str, Any]) -> Text | None:
    """Why a message must stay where it is; None where nothing is against it."""
    body = str(message["Body"])
    if way == "rules" and (target := _attribute(message, "TARGET_ARN")) not in ("", letters.intake_arn):
        to = outside(target, SHOWN_CHARS)
        return Text(
            f"it was for {to}: read it, then delete it", f"宛先は {to} でした。内容を読んでから削除してください"
        )
    if way == "remediate" and not _names_an_incident(body):
        return Text("it names no incident", "インシデントを示していません")
    if way == "slack" and not _of_topic(body):
        return Text("it is no message of a topic", "トピックのメッセージではありません")
    return None


def _of_topic(body: str) -> Mapping[str, Any]:
    """What SNS invokes the function with: kept so by Lambda, and without its frame by SNS; empty where it is neither."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parsed, dict):
        return {}
    if isinstance(parsed.get("Records"), list):
        return parsed
    return (
        {"Records": [{"EventSource": "aws:sns", "Sns": parsed}]}
        if {"MessageId", "TopicArn", "Message"} <= set(parsed)
        else {}
    )


def _names_an_incident(body: str) -> bool:
    try:
        return set(json.loads(body)) == {"incident"}
    except (ValueError, TypeError):
        return False


def _reason(message: Mapping[str, Any]) -> str:
    return outside(_attribute(message, "ERROR_MESSAGE") or _attribute(message, "ErrorMessage"), SHOWN_CHARS)


def _attribute(message: Mapping[str, Any], name: str) -> str:
    return str(message.get("MessageAttributes", {}).get(name, {}).get("StringValue", ""))


def _received(letters: Letters, way: Way, most: int) -> Sequence[Mapping[str, Any]]:
    try:
        response = letters.sqs.receive_message(
            QueueUrl=letters.dead[way],
            MaxNumberOfMessages=most,
            VisibilityTimeout=HELD_S,
            MessageAttributeNames=["All"],
        )
    except (ClientError, BotoCoreError) as error:
        raise ForAPerson(f"{way}: {error}") from error
    found: Sequence[Mapping[str, Any]] = response.get("Messages", ())
    return found


def _count(letters: Letters, way: Way) -> int:
    wanted = "ApproximateNumberOfMessages"
    try:
        response = letters.sqs.get_queue_attributes(QueueUrl=letters.dead[way], AttributeNames=[wanted])
    except (ClientError, BotoCoreError) as error:
        raise ForAPerson(f"{way}: {error}") from error
    return int(response["Attributes"][wanted])
