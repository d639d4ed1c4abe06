"""Between boto3 and the sandbox: every request is seen, may be refused, and is answered by a fake or by moto.

It works where botocore would send the request, so answers and errors pass botocore's own parsers and retries.
"""

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.handlers import BUILTIN_HANDLERS
from botocore.model import OperationModel
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from .names import uuid

Parameters = Mapping[str, Any]
Fake = Callable[[Parameters], Any]
REQUEST_ID = ("x-amzn-requestid", "x-amz-request-id")
IAM_PREFIX = {"elbv2": "elasticloadbalancing"}  # where IAM's prefix differs from boto3's name
IAM_ACTION = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "dynamodb:TransactWriteItems": "dynamodb:PutItem",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:ListObjectsV2": "s3:ListBucket",
}


class AwsError(Exception):
    """What AWS answers instead: an error code of the operation and its message.

    Attributes:
        http_status: None takes the one that the service's model gives the code.
    """

    def __init__(self, code: str, message: str, http_status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.http_status = http_status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that reached the sandbox; a retry is another one.

    Attributes:
        action: by IAM's name.
        role: ARN of the assumed role that sent it, empty for the function's own credentials.
        region: that it was signed for.
        error: code of the error it was answered with, empty where it was not.
    """

    service: str
    operation: str
    action: str
    parameters: Parameters
    at: datetime
    access_key: str
    role: str = ""
    error: str = ""
    region: str = ""


class Answering(Protocol):
    """What the wire asks a world."""

    def moment(self) -> datetime:
        """The virtual now; the world has caught up with it."""

    def role_of(self, access_key: str) -> str:
        """ARN of the role behind temporary credentials, empty for others."""

    def refuse(self, request: Request) -> AwsError | None:
        """The error that is answered instead, None where nothing is against it."""

    def fake_of(self, service: str, operation: str) -> Fake | None:
        """What answers the operation; None leaves it to moto."""

    def saw(self, request: Request) -> None:
        """Takes the request into the log."""

    def answered(self, request: Request) -> None:
        """What was asked of moto is done."""


@dataclass(slots=True)
class Wire:
    """One for the process: sessions keep their handlers, worlds come and go."""

    world: Answering | None = None
    elsewhere: Callable[[str, str, Parameters, AWSPreparedRequest], AWSResponse] | None = None  # in another process
    _count: int = 0
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _call: threading.local = field(default_factory=threading.local)

    @contextmanager
    def serving(self, world: Answering) -> Iterator[None]:
        """While this is open, boto3 clients of sessions made by `sessions` reach `world`."""
        if self.world is not None:
            raise RuntimeError("one sandbox at a time: moto's state is the process's")
        self.world, self._count = world, 0
        try:
            yield
        finally:
            self.world = None

    @contextmanager
    def sessions(self) -> Iterator[None]:
        """Sessions that are made while this is open are connected, and stay so.

        moto's own handler is left out of them: botocore calls every handler, and each request would count twice.
        """
        kept = list(BUILTIN_HANDLERS)
        BUILTIN_HANDLERS[:] = [
            ("before-parameter-build", self._about_to_build),
            ("before-send", self._about_to_send),
            *(h for h in kept if h[1] is not botocore_stubber),
        ]
        try:
            yield
        finally:
            BUILTIN_HANDLERS[:] = kept

    def _about_to_build(self, params: Parameters, model: OperationModel, **_: object) -> None:
        self._call.parameters, self._call.model = dict(params), model

    def _about_to_send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        model: OperationModel = self._call.model
        if self.elsewhere is not None:
            return self.elsewhere(str(model.service_model.service_name), model.name, self._call.parameters, request)
        if self.world is None:
            raise RuntimeError(f"no sandbox is open: {model.name} would have gone to AWS")
        return self.answer(model, self._call.parameters, request)

    def answer(self, model: OperationModel, parameters: Parameters, request: AWSPreparedRequest) -> AWSResponse:
        """What the open world answers to a request, one at a time."""
        assert self.world is not None  # whoever asks has opened one
        with self._lock:
            answer = self._answer(self.world, model, parameters, request)
            self._count += 1
            _number(answer, self._count)
            return answer

    def _answer(
        self, world: Answering, model: OperationModel, parameters: Parameters, sent: AWSPreparedRequest
    ) -> AWSResponse:
        request = _request(world, model, parameters, sent)
        error = world.refuse(request)
        fake = world.fake_of(request.service, request.operation)
        if error is None and fake is None:
            world.saw(request)
            answer = _moto(sent)
            world.answered(request)
            return answer
        try:
            if error:
                raise error
            assert fake is not None
            answer = fake(request.parameters)
        except AwsError as refused:
            world.saw(_with_error(request, refused.code))
            return _wire_error(model, sent, refused)
        world.saw(request)
        return _serialised(model, sent, answer)


def _request(world: Answering, model: OperationModel, parameters: Parameters, sent: AWSPreparedRequest) -> Request:
    service = str(model.service_model.service_name)
    named = f"{IAM_PREFIX.get(service, service)}:{model.name}"
    scope = str(sent.headers.get("Authorization", "")).partition("Credential=")[2].split("/")
    credential = scope[0]
    return Request(
        service=service,
        operation=model.name,
        action=IAM_ACTION.get(named, named),
        parameters=parameters,
        at=world.moment(),
        access_key=credential,
        role=world.role_of(credential),
        region=scope[2] if len(scope) > 2 else "",
    )


def _with_error(request: Request, code: str) -> Request:
    values = {name: getattr(request, name) for name in request.__dataclass_fields__}
    return Request(**{**values, "error": code})


def _number(answer: AWSResponse, count: int) -> None:
    """Gives the answer a request id that is the same in every run."""
    drawn = [name for name in answer.headers if name.lower() in REQUEST_ID]
    for name in drawn:
        del answer.headers[name]
    answer.headers["x-amzn-requestid"] = uuid("request", count)


def _moto(sent: AWSPreparedRequest) -> AWSResponse:
    answered = botocore_stubber.process_request(sent)
    if answered is None:
        raise RuntimeError(f"moto does not know {sent.url}")
    status, headers, body = answered
    return AWSResponse(sent.url, status, headers, MockRawResponse(body))


def _serialised(model: OperationModel, sent: AWSPreparedRequest, answer: Any, status: int | None = None) -> AWSResponse:
    protocol = model.service_model.resolved_protocol
    service = get_service_model(model.service_model.service_name)  # moto's serialisers want moto's models
    serializer = get_serializer_class(service.service_name, protocol)(
        operation_model=service.operation_model(model.name)
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", UserWarning
        )  # AWS answers codes that its models do not list: ThrottlingException
        made = serializer.serialize(answer)
    status = status or _status_in(model, answer) or made["status_code"]
    return AWSResponse(sent.url, status, made["headers"], MockRawResponse(made["body"]))


def _status_in(model: OperationModel, answer: Any) -> int | None:
    """The status that the answer itself names, as Lambda's Invoke does; None where the operation has no such member."""
    members = model.output_shape.members if model.output_shape and isinstance(answer, Mapping) else {}
    named = (answer.get(n) for n, shape in members.items() if shape.serialization.get("location") == "statusCode")
    return next(named, None)


def _wire_error(model: OperationModel, sent: AWSPreparedRequest, error: AwsError) -> AWSResponse:
    return _serialised(model, sent, error, error.http_status)


WIRE = Wire()
