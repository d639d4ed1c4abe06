"""A door without AWS: answers are given by hand, requests and answers are checked against botocore's models."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator

from remediator.aws.client import CLIENT_OF, METHOD_OF
from remediator.core.errors import Retryable
from remediator.core.ports import HttpAnswer


@cache
def operation(action: str) -> Any:
    """Botocore's model of the API call that IAM names `action`."""
    prefix, name = action.split(":")
    service = botocore.session.get_session().get_service_model(CLIENT_OF.get(prefix, prefix))
    named = METHOD_OF.get(action)
    return service.operation_model(next((o for o in service.operation_names if xform_name(o) == named), name))


def checked(shape: Any, value: Mapping[str, Any], what: str) -> None:
    """Fails where `value` is not of `shape`: a misspelt parameter, a wrong type, a missing required one."""
    unknown = set(value) - set(shape.members) - {"ResponseMetadata"}
    assert not unknown, f"{what}: AWS knows no {unknown}"
    report = ParamValidator().validate({k: v for k, v in value.items() if k != "ResponseMetadata"}, shape)
    assert not report.has_errors(), f"{what}: {report.generate_report()}"


class FakeAws:
    """What readers and fixes are handed in tests.

    `answers` maps an action to an answer, a function of the parameters, or an exception to raise.
    """

    def __init__(self, answers: Mapping[str, Any], http: Mapping[str, int | HttpAnswer] | None = None) -> None:
        self.answers = dict(answers)
        self.http = dict(http or {})
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self.stored: dict[str, dict[str, Any]] = {}
        self.ledger: dict[str, dict[str, Any]] = {}

    def call(self, action: str, /, **parameters: Any) -> Mapping[str, Any]:
        model = operation(action)
        checked(model.input_shape, parameters, f"{action} is asked")
        self.calls.append((action, parameters))
        found = self.answers[action]
        answer = found(**parameters) if callable(found) else found
        if isinstance(answer, Exception):
            raise answer
        checked(model.output_shape, answer, f"{action} answers")
        return answer

    def pages(self, action: str, key: str, limit: int, /, **parameters: Any) -> Sequence[Any]:
        return list(islice(self.call(action, **parameters).get(key, ()), limit))

    def get(self, url: str, /) -> HttpAnswer:
        if url not in self.http:
            raise Retryable(f"GET {url}: nothing answers")
        found = self.http[url]
        return found if isinstance(found, HttpAnswer) else HttpAnswer(found, 12)

    def shared(self, key: str, read: Callable[[], dict[str, Any]], /) -> dict[str, Any]:
        if key not in self.stored:
            self.stored[key] = json.loads(json.dumps(read()))  # what cannot be stored fails here
        return self.stored[key]

    def recorded(self, key: str, /) -> dict[str, Any]:
        return dict(self.ledger.get(key, {}))


def method(action: str) -> str:
    """The boto3 method of an action."""
    return xform_name(action.split(":")[1])
