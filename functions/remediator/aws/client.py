"""The one place where product code becomes an AWS request, and botocore's errors become ours."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from botocore.parsers import ResponseParserError

from ..core.errors import Defect, Denied, NotFound, Rejected, RemediatorError, Retryable, Undeclared, Unknown
from ..core.ports import HttpAnswer, Permission
from ..core.serialization import Json

R = TypeVar("R")
PAGES_AT_MOST = 40  # some APIs answer empty pages for as long as they scan; what is behind them is left out
CLIENT_OF = {"elasticloadbalancing": "elbv2"}  # where boto3's name differs from IAM's prefix
METHOD_OF = {  # where the client's method is not IAM's action in small letters
    "lambda:InvokeFunction": "invoke",
    "s3:GetBucketPublicAccessBlock": "get_public_access_block",
    "s3:GetEncryptionConfiguration": "get_bucket_encryption",
    "s3:ListBucket": "list_objects_v2",
}
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403", "ExpiredToken")
THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "RequestThrottled",
    "LimitExceededException",
    "ProvisionedThroughputExceededException",
    "SlowDown",
)
GONE = (
    "NotFound",
    "ParameterNotFound",
    "ServiceNotActiveException",
    "ImageNotFoundException",
    "NoSuchEntity",
    "NoSuchBucket",
    "NoSuchDistribution",
    "NoSuchOriginAccessControl",
    "NoSuchCloudFrontOriginAccessIdentity",
    "TargetGroupNotFound",
    "LoadBalancerNotFound",
)


class AwsClient:
    """Calls on AWS for one reader or one plan; refuses what was not declared.

    Args:
        client: gives the boto3 client of a service, in a region (empty: the deployment's own).
        allowed: the declared permissions; None lets everything through (the product's own calls).
        writes: a lost answer means that the outcome is unknown.
        share: keeps what several executions read; without it, everyone reads for themselves.
        recorded: gives an item of the ledger by its key.
    """

    def __init__(
        self,
        client: Callable[[str, str], Any],
        allowed: Sequence[Permission] | None,
        *,
        writes: bool = False,
        http_get: Callable[[str], HttpAnswer] | None = None,
        share: Callable[[str, Callable[[], Json]], Json] | None = None,
        recorded: Callable[[str], Json | None] | None = None,
    ) -> None:
        self._client = client
        self._regions = None if allowed is None else {p.action: p.region for p in allowed}
        self._writes = writes
        self._http_get = http_get
        self._share = share
        self._recorded = recorded

    def call(self, action: str, /, **parameters: Any) -> Mapping[str, Any]:
        """One API call by IAM's name of it.

        Raises:
            Denied, NotFound, Rejected, Retryable, Unknown: what must happen next.
            Undeclared: the action is not declared.
        """
        client, method = self._find(action)
        answer: Mapping[str, Any] = self._send(action, lambda: getattr(client, method)(**parameters))
        if self._writes and not says_something(client, method, answer):
            raise Unknown(f"{action}: the answer is empty or cannot be read")
        return answer

    def pages(self, action: str, key: str, limit: int, /, **parameters: Any) -> Sequence[Any]:
        """At most `limit` items under `key` of the first pages; errors as `call`."""
        client, method = self._find(action)
        found = islice(client.get_paginator(method).paginate(**parameters), PAGES_AT_MOST)
        items = (item for page in found for item in page.get(key, ()))
        items_read: list[Any] = self._send(action, lambda: list(islice(items, limit)))
        return items_read

    def get(self, url: str, /) -> HttpAnswer:
        """One GET of a health path; raises Retryable where nothing answers."""
        if self._http_get is None:
            raise Defect("this door has no HTTP")
        return self._http_get(url)

    def shared(self, key: str, read: Callable[[], Json], /) -> Json:
        """What `read` gives, or gave a moment ago under the same key."""
        return self._share(key, read) if self._share else read()

    def recorded(self, key: str, /) -> Json:
        """The ledger's item of that key, an empty one where there is none."""
        if self._recorded is None:
            raise Defect("this door has no ledger")
        return self._recorded(key) or {}

    def _find(self, action: str) -> tuple[Any, str]:
        if self._regions is not None and action not in self._regions:
            raise Undeclared(f"{action} is called and not declared")
        service, method = client_and_method(action)
        return self._client(service, (self._regions or {}).get(action, "")), method

    def _send(self, action: str, request: Callable[[], R]) -> R:
        try:
            return request()
        except ClientError as error:
            raise translated(action, error, writes=self._writes) from error
        except ParamValidationError as error:
            raise Defect(f"{action}: {error}") from error
        except (
            BotoCoreError,
            ResponseParserError,
        ) as error:  # timeouts, lost connections, no credentials, a torn answer
            kind = Unknown if self._writes else Retryable
            raise kind(f"{action}: {type(error).__name__}: {error}") from error


def says_something(client: Any, method: str, answer: Mapping[str, Any]) -> bool:
    """Whether the answer has any member of those that its operation has; botocore reads torn JSON as an empty answer."""
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = model.output_shape.members if model.output_shape else {}
    return not members or any(name in answer for name in members)


def client_and_method(action: str) -> tuple[str, str]:
    """What boto3 calls an IAM action: its client's service and the client's method."""
    prefix, operation = action.split(":")
    return CLIENT_OF.get(prefix, prefix), METHOD_OF.get(action) or xform_name(operation)


def translated(action: str, error: ClientError, *, writes: bool) -> RemediatorError:
    """The error of botocore as ours: by what must happen next."""
    found = error.response.get("Error", {})
    code, message = str(found.get("Code", "")), str(found.get("Message", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    if code in DENIED:
        return Denied(action, message)
    if code in THROTTLED or status == 429:
        return Retryable(f"{action}: {code}: {message}")
    if status >= 500:
        return Unknown(f"{action}: {status} {code}") if writes else Retryable(f"{action}: {status} {code}")
    if code in GONE or code.endswith(("NotFoundException", "NotFoundFault", ".NotFound")):
        return NotFound(f"{action}: {code}: {message}")
    return Rejected(action, code, message)
