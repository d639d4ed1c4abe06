"""One POST to a function URL, signed as the caller: IAM authenticates it, and the function learns the caller's ARN."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.exceptions import BotoCoreError, HTTPClientError
from botocore.httpsession import URLLib3Session

from remediator.core.errors import ForAPerson

FORBIDDEN = 403


def request(session: boto3.Session, url: str, body: Mapping[str, Any]) -> AWSPreparedRequest:
    """The signed request.

    Raises:
        ForAPerson: there are no credentials.
    """
    credentials = session.get_credentials()
    if credentials is None:
        raise ForAPerson("no usable AWS credentials")
    made = AWSRequest("POST", url, headers={"content-type": "application/json"}, data=json.dumps(body).encode())
    SigV4Auth(credentials.get_frozen_credentials(), "lambda", session.region_name).add_auth(made)
    return made.prepare()


def post(session: boto3.Session, url: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the function answered.

    Raises:
        ForAPerson: the URL cannot be reached, IAM refuses the caller, or the answer is none of the function's.
    """
    try:
        answer = URLLib3Session().send(request(session, url, body))
    except (HTTPClientError, BotoCoreError) as error:
        raise ForAPerson(f"{url}: {error}") from error
    if answer.status_code == FORBIDDEN:
        needs = "lambda:InvokeFunctionUrl and lambda:InvokeFunction on the approve function"
        raise ForAPerson(f"IAM refused to let you answer: your role needs {needs}")
    try:
        parsed = json.loads(answer.text)
    except ValueError as error:
        raise ForAPerson(f"{url} answered {answer.status_code}: {answer.text[:200]}") from error
    if not isinstance(parsed, Mapping):
        raise ForAPerson(f"{url} answered {answer.status_code}: {answer.text[:200]}")
    return parsed
