"""Requests of the sandbox with their answers, kept so that a fresh process can be answered over real HTTP."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSPreparedRequest

RANDOM = ("ClientRequestToken", "ClientToken")  # botocore draws them; they say nothing about the request
DROPPED_HEADERS = ("content-length", "transfer-encoding", "connection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer.

    Attributes:
        of: whose request it is: a tape holds those of one entry.
        operation: service and operation; requests of equal operation answer each other where no body fits.
        body: digest of what was asked.
        answer: base64.
    """

    of: str
    operation: str
    body: str
    status: int
    headers: Mapping[str, str]
    answer: str


def exchange(of: str, request: AWSPreparedRequest, answered: Mapping[str, Any]) -> Exchange:
    """What botocore was about to send, with what came back; a stream counts as empty."""
    url, body = urlsplit(request.url), request.body or b""
    sent = body.encode() if isinstance(body, str) else bytes(body)
    found = answered["body"] if isinstance(answered["body"], bytes) else b""
    headers = {str(k): _text(v) for k, v in answered["headers"].items()}
    return Exchange(
        of=of,
        operation=operation({k.lower(): _text(v) for k, v in request.headers.items()}, url.path, sent),
        body=digest(sent),
        status=int(answered["status_code"]),
        headers={k: v for k, v in headers.items() if k.lower() not in DROPPED_HEADERS},
        answer=base64.b64encode(found).decode(),
    )


def operation(headers: Mapping[str, str], path: str, body: bytes) -> str:
    """The operation as it stands on the wire, by whichever protocol; header names in lower case."""
    scope = re.search(r"Credential=[^,]*/([^/]+)/aws4_request", headers.get("authorization", ""))
    service = scope.group(1) if scope else ""
    target = headers.get("x-amz-target", "")
    if not target and headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        target = parse_qs(body.decode()).get("Action", [""])[0]
    return f"{service} {path} {target}".strip()


def digest(body: bytes) -> str:
    """The same for bodies that ask the same."""
    try:
        read = json.loads(body)
    except ValueError:  # CBOR and forms: botocore writes them in one way only
        return sha256(body).hexdigest()
    asked = {k: v for k, v in read.items() if k not in RANDOM} if isinstance(read, dict) else read
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def written(tapes: Mapping[str, Iterable[Exchange]]) -> str:
    """Tapes as text for `read`."""
    return json.dumps({name: [asdict(e) for e in exchanges] for name, exchanges in tapes.items()})


def read(text: str) -> dict[str, list[Exchange]]:
    """Tapes by name."""
    return {name: [Exchange(**e) for e in exchanges] for name, exchanges in json.loads(text).items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
