"""The edge to Slack: one incoming webhook, whose address is a secret. Nothing but this file knows the Slack SDK."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.errors import ForAPerson, Rejected, Retryable
from ..core.ports import Permission

READS_SECRET: Final = Permission("secretsmanager:GetSecretValue")
HOSTS: Final = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
TIMEOUT_S: Final = 8
MOVED: Final = (403, 404, 410)  # the webhook was taken back, or its channel is gone: perhaps the secret has a newer one
TOO_MANY: Final = 429
BODY_CHARS: Final = 200

_silent = logging.getLogger("remediator.slack_sdk")
_silent.setLevel(logging.WARNING)  # at DEBUG the SDK would log the address
_known: dict[str, str] = {}  # secret -> address, for the life of the process


@dataclass(frozen=True, slots=True)
class Answered:
    """What Slack said: the status, its one word (`ok`, `invalid_blocks`), and how long it wants to be left alone."""

    status: int
    word: str
    retry_after_s: str = ""


Post = Callable[[str, Mapping[str, Any]], Answered]


def send(url: str, body: Mapping[str, Any]) -> Answered:
    """One POST by the Slack SDK, without its own retries: the queue before this function retries.

    Raises:
        Retryable: nobody answered; whether the message arrived is not known, so it may come twice.
    """
    client = WebhookClient(url, timeout=TIMEOUT_S, logger=_silent, retry_handlers=[])
    try:
        answer = client.send_dict({**body, "unfurl_links": False, "unfurl_media": False})
    except (OSError, HTTPException, SlackClientError) as error:
        raise Retryable(f"Slack did not answer: {type(error).__name__}") from None  # the error may name the address
    headers = {str(name).lower(): str(value) for name, value in (answer.headers or {}).items()}
    return Answered(answer.status_code, str(answer.body or "")[:BODY_CHARS], headers.get("retry-after", ""))


@dataclass(frozen=True, slots=True)
class Webhook:
    """The webhook of the deployment."""

    runtime: Runtime
    post: Post = send

    def tell(self, body: Mapping[str, Any]) -> None:
        """Posts `body`; a refused address is read once more from its secret.

        Raises:
            Retryable: Slack is busy, away, or wants to be left alone for a while.
            Rejected: Slack does not take this message, or this address; a person must act.
            ForAPerson: the secret holds no address of a webhook.
        """
        url = self._address()
        answer = self.post(url, body)
        if answer.status in MOVED:
            _known.pop(self._secret, None)
            newer = self._address()
            answer = self.post(newer, body) if newer != url else answer
        _raise_unless_taken(answer)

    @property
    def _secret(self) -> str:
        return self.runtime.environment.slack_secret

    def _address(self) -> str:
        if self._secret not in _known:
            read = AwsClient(self.runtime.clients, [READS_SECRET]).call(READS_SECRET.action, SecretId=self._secret)
            _known[self._secret] = address_in(str(read.get("SecretString", "")))
        return _known[self._secret]


def address_in(secret: str) -> str:
    """The address in a secret: the text itself, or `url` of a JSON object.

    Raises:
        ForAPerson: it is no address of a Slack webhook. The message does not show it.
    """
    text = secret.strip()
    if text.startswith("{"):
        try:
            found = json.loads(text).get("url", "")
        except ValueError:
            found = ""
        text = found.strip() if isinstance(found, str) else ""
    if not text.startswith(HOSTS):
        raise ForAPerson(f"the secret holds no webhook: one begins with {HOSTS[0]} (as text, or as url in JSON)")
    return text


def _raise_unless_taken(answer: Answered) -> None:
    if answer.status == TOO_MANY:
        raise Retryable(f"Slack asks to wait {answer.retry_after_s or 'a moment'} (seconds)")
    if answer.status >= 500:
        raise Retryable(f"Slack answers {answer.status}")
    if answer.status >= 300:
        raise Rejected("the webhook", str(answer.status), answer.word)
