"""A write is sent once, seen on the wire: whatever is answered, or if nothing is, no second request follows the first."""

from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError, ConnectTimeoutError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse

from remediator.aws.client import AwsClient, client_and_method
from remediator.aws.runtime import Clients
from remediator.core.errors import Retryable, Unknown
from remediator.core.ports import Permission
from remediator.problems import load_all
from sandbox import applications as programs
from sandbox.laptop import Laptop
from sandbox.wire import AwsError
from tests.fakes import operation

CREDENTIALS = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "s" * 40, "SessionToken": "t"}
WRITES = sorted({p.action for r in load_all() for p in r.writes() if p.called})
LOST = [ReadTimeoutError(endpoint_url="https://x"), ConnectTimeoutError(endpoint_url="https://x"), 500, 503, 429]


class Wire:
    """Answers each request of a client the same way, and counts them."""

    def __init__(self, client: Any, answer: Any = None) -> None:
        self.client, self.sent, self.answer = client, 0, answer
        client.meta.events.register_first("before-send.*", self._send)

    def _send(self, request: Any, **_: Any) -> AWSResponse:
        self.sent += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        body = b"<torn" if isinstance(self.answer, Garbled) else b""
        return AWSResponse(request.url, int(self.answer), {}, MockRawResponse(body))


class Garbled(int):
    """An HTTP status whose body is no answer."""


def least(shape: Any) -> Any:
    """The least that botocore takes for a shape."""
    if shape.type_name == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [least(shape.member)]
    return {"integer": 1, "long": 1, "boolean": True, "map": {}}.get(shape.type_name, "x" * 20)


@pytest.fixture(scope="module")
def wires():
    """A client of a fix for each service: loading AWS's models is most of the cost of one."""
    clients = Clients(boto3.Session(region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x"))
    return {s: Wire(clients.as_role(s, CREDENTIALS)) for s in {client_and_method(a)[0] for a in WRITES}}


@pytest.mark.parametrize("answer", LOST, ids=str)
@pytest.mark.parametrize("action", WRITES)
def test_every_write_of_every_fix_is_sent_exactly_once(wires, action, answer):
    service, method = client_and_method(action)
    wire = wires[service]
    wire.sent, wire.answer = 0, answer
    door = AwsClient(lambda *_: wire.client, [Permission(action)], writes=True)
    with pytest.raises((Unknown, Retryable)):
        door.call(action, **least(operation(action).input_shape))
    assert wire.sent == 1, method


def test_an_answer_that_cannot_be_read_leaves_a_write_unknown_and_a_read_to_be_tried_again(wires):
    wires["elbv2"].answer = Garbled(200)
    asked = {"TargetGroupArn": "x", "Targets": [{"Id": "x"}]}
    for writes, kind in ((True, Unknown), (False, Retryable)):
        door = AwsClient(lambda *_: wires["elbv2"].client, None, writes=writes)
        with pytest.raises(kind):
            door.call("elasticloadbalancing:RegisterTargets", **asked)


def test_a_read_is_repeated_so_the_wire_would_show_it():
    client = Clients(boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"))("sqs")
    wire = Wire(client, ReadTimeoutError(endpoint_url="https://x"))
    client.meta.events.register("needs-retry.*", lambda **_: None)
    with pytest.raises(BotoCoreError):
        client.list_queues()
    assert wire.sent == 3


@pytest.mark.parametrize(
    "lost", [AwsError("ServerException", "x", 500), ReadTimeoutError(endpoint_url="https://ecs")], ids=str
)
def test_in_an_incident_too(lost):
    asked = []

    def answers_nothing(parameters):
        asked.append(parameters)
        raise lost

    with Laptop() as laptop:
        laptop.world.run_service()
        laptop.world.fake("ecs", {"UpdateService": answers_nothing})
        laptop.world.fall_ill(programs.LEAKS)
        laptop.run()
        assert len(asked) == 1
        assert laptop.records()[0]["change_state"] == "not_applied"
