"""Each message of a level's topic to Slack: the report as the ledger has it, else the text of the message."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from ..aws.runtime import Runtime
from ..core.errors import EventNotUnderstood, NotFound
from ..core.serialization import Json, from_json
from ..core.settings import TOPICS, Topic
from ..incidents.case import Case, Stage
from ..ledger.incidents import Ledger
from ..reports.channels.slack import slack_message
from ..reports.channels.slack_plain import slack_text
from ..reports.compose import compose
from .slack_webhook import Webhook

WAITS_S = (0.2, 0.4, 0.8, 1.6, 2.0)  # a report is published first and kept then: a moment later it is there
REMEMBERED = 200

_told: deque[str] = deque(maxlen=REMEMBERED)  # SNS delivers at least once; after a restart rather twice than not at all


@dataclass(frozen=True, slots=True)
class Published:
    """One message as SNS hands it to a function."""

    id: str
    topic_arn: str
    subject: str
    text: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SlackChannel:
    """The channel behind the deployment's webhook."""

    runtime: Runtime
    webhook: Webhook
    pause: Callable[[float], None] = time.sleep

    def tell(self, record: Mapping[str, Any]) -> str:
        """Posts one record of an SNS event; gives what was posted: `report`, `text`, or `again` where it was before.

        Raises:
            EventNotUnderstood: it is no record of SNS.
            Retryable, ForAPerson: as `Webhook.tell`.
        """
        message = published(record)
        if message.id in _told:
            return "again"
        case = self._case(message)
        topic = self._topic(message.topic_arn)
        if case is None:
            incident = message.attributes.get("incident", "")
            self.webhook.tell(slack_text(message.subject, message.text, incident))
        else:
            settings = self.runtime.settings
            self.webhook.tell(slack_message(compose(case, settings), settings.language_of(topic)))
        _told.append(message.id)
        return "text" if case is None else "report"

    def _topic(self, arn: str) -> Topic:
        return next((t for t in TOPICS if self.runtime.environment.topics.get(t) == arn), "high")

    def _case(self, message: Published) -> Case | None:
        """The case that the message tells of; None where the ledger has none, or has not got it within some seconds."""
        stage, incident, at = (message.attributes.get(name, "") for name in ("stage", "incident", "at"))
        if not incident or stage not in get_args(Stage):
            return None
        for wait in (*WAITS_S, None):
            case = self._kept(incident, stage)
            if case is not None and at in ("", case.at):  # an older one of the same stage is another report
                return case
            if wait is not None:
                self.pause(wait)
        return None

    def _kept(self, incident: str, stage: str) -> Case | None:
        try:
            stored = Ledger(self.runtime).load(incident).get(f"case_{stage}")
        except NotFound:
            return None
        return from_json(Case, _plain(stored)) if stored else None


def published(record: Mapping[str, Any]) -> Published:
    """The record's message.

    Raises:
        EventNotUnderstood: it is no record of SNS.
    """
    try:
        sns = record["Sns"]
        given = sns.get("MessageAttributes") or {}
        return Published(
            id=str(sns["MessageId"]),
            topic_arn=str(sns["TopicArn"]),
            subject=str(sns.get("Subject") or ""),
            text=str(sns["Message"]),
            attributes={str(name): str(found["Value"]) for name, found in given.items()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise EventNotUnderstood(f"no record of SNS: {type(error).__name__} {error}") from error


def _plain(stored: Any) -> Json:
    read: Json = json.loads(stored) if isinstance(stored, str) else stored
    return read
