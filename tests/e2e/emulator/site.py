"""Sites behind CloudFront: copies that the edge keeps, users who ask, and the error rates that CloudWatch counts.

Whether an origin lets the distribution read is ministack's own evaluation of the bucket's policy.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from ministack.core import iam_evaluator
from ministack.services import cloudfront

from . import agenda, clock, metrics
from .admin import GLOBAL_REGION, in_account, view
from .patches import patch, silent, speaks

CLOUDFRONT = "ministack.services.cloudfront"
NAMESPACE = "AWS/CloudFront"
MINUTE_S = 60
PAGE_TTL_S = 86400  # CloudFront's default TTL
ERROR_TTL_S = 10  # its error caching minimum TTL by default
FIRST_ERROR, SERVER_ERROR = 400, 500
INVALIDATED_AFTER_S = 45
REQUESTS_OF_A_PATH = 100  # a minute
LOOPBACK, OVER_TLS = "127.0.0.1", True
LINKS = re.compile(rb'(?:src|href)="(/[^"]+)"')


@dataclass(frozen=True, slots=True)
class _Copy:
    """What the edge keeps of a path."""

    status: int
    headers: Mapping[str, Any]
    body: bytes
    at: float
    until: float


_known: set[str] = set()
_copies: dict[tuple[str, str], _Copy] = {}


@view("copies")
def copies() -> list[dict[str, Any]]:
    """What the edge keeps."""
    found = sorted(_copies.items())
    return [{"distribution": d, "path": p, "status": c.status, "until": clock.iso(c.until)} for (d, p), c in found]


@agenda.each_minute(2)
def tell_of_the_minute() -> None:
    """Users ask for each site's root and for all that the page links; the rates of what they get.

    They come once it has been delivered: nobody knows of a site that was never there.
    """
    at = agenda.now() - MINUTE_S
    for distribution in list(cloudfront._distributions.values()):
        statuses = _asked_of(distribution)
        if statuses[0] < FIRST_ERROR:
            _known.add(distribution["Id"])
        if distribution["Id"] not in _known:
            continue
        tell(distribution["Id"], statuses, at)


def tell(distribution: str, statuses: Sequence[int], at: float) -> None:
    """The rates of a minute in which users got these."""
    named = {"DistributionId": distribution, "Region": "Global"}

    def put() -> None:
        for kind in (4, 5):
            pct = 100 * sum(s // 100 == kind for s in statuses) / len(statuses)
            metrics.put(NAMESPACE, f"{kind}xxErrorRate", named, at, pct)
        metrics.put(NAMESPACE, "Requests", named, at, len(statuses) * REQUESTS_OF_A_PATH)

    in_account(put, GLOBAL_REGION)


def _asked_of(distribution: dict[str, Any]) -> list[int]:
    status, _, page = _visit(distribution, "/")
    links = [path.decode() for path in dict.fromkeys(LINKS.findall(page))] if status < FIRST_ERROR else []
    return [status, *(_visit(distribution, path)[0] for path in links)]


def _visit(distribution: dict[str, Any], path: str) -> tuple[int, Any, bytes]:
    headers = {"host": distribution["DomainName"], "x-forwarded-proto": "https"}

    def ask() -> tuple[int, Any, bytes]:
        iam_evaluator.pin_request_origin(LOOPBACK, OVER_TLS)
        asked = cloudfront.handle_viewer_request(distribution, "GET", path, path, "", headers, b"", {})
        got: tuple[int, Any, bytes] = asyncio.run(asked)
        return got

    return copy_context().run(ask)


def _error_ttl_s(distribution: Mapping[str, Any], status: int) -> float:
    """How long the edge keeps an error: what the distribution says of its code, else CloudFront's default."""
    for found in ET.fromstring(distribution["config_xml"]).iter():  # noqa: S314  # ministack wrote it
        members = {child.tag.rpartition("}")[2]: child.text for child in found}
        if members.get("ErrorCode") == str(status) and members.get("ErrorCachingMinTTL"):
            return float(members["ErrorCachingMinTTL"] or 0)
    return ERROR_TTL_S


def _drop(distribution: str, invalidation: dict[str, Any]) -> None:
    for path in invalidation["InvalidationBatch"]["Paths"]["Items"]:
        gone = [k for k in _copies if k[0] == distribution and _covers(path, k[1])]
        for key in gone:
            del _copies[key]
    invalidation["Status"] = "Completed"


def _covers(named: str, path: str) -> bool:
    return path.startswith(named[:-1]) if named.endswith("*") else path == named


# -- what CloudFront's fake lacks --------------------------------------------------------------------------------------


@patch(
    of=f"{CLOUDFRONT}.handle_viewer_request",
    lacks="keeps no copies at the edge, so that nothing is ever stale, and calls an origin's error a miss",
    still=silent(f"{CLOUDFRONT}.handle_viewer_request", "Hit from cloudfront"),
)
def keep_copies(original: Any) -> Any:
    """A GET is answered with the copy where there is one; answers are kept, a page for a day, an error for its TTL."""

    async def handle(distribution: dict[str, Any], method: str, path: str, *rest: Any, **named: Any) -> Any:
        if method != "GET":
            return await original(distribution, method, path, *rest, **named)
        key, now = (distribution["Id"], path), agenda.now()
        kept = _copies.get(key)
        if kept is not None and now < kept.until:
            word = "Hit" if kept.status < FIRST_ERROR else "Error"
            return (
                kept.status,
                {**kept.headers, "Age": str(int(now - kept.at)), "X-Cache": f"{word} from cloudfront"},
                kept.body,
            )
        status, headers, body = await original(distribution, method, path, *rest, **named)
        if status >= FIRST_ERROR:
            headers = {**headers, "X-Cache": "Error from cloudfront"}
        ttl_s = PAGE_TTL_S if status < FIRST_ERROR else _error_ttl_s(distribution, status)
        _copies[key] = _Copy(status, headers, body, now, now + ttl_s)
        return status, headers, body

    return handle


@patch(
    of=f"{CLOUDFRONT}._create_invalidation",
    lacks="completes an invalidation at once, and has nothing to drop",
    still=speaks(f"{CLOUDFRONT}._create_invalidation", '"Status": "Completed"'),
)
def drop_copies(original: Any) -> Any:
    """Copies are gone, and the invalidation complete, 45 seconds later."""

    def create(distribution: str, body: bytes) -> Any:
        before = len(cloudfront._invalidations.get(distribution) or ())
        answer = original(distribution, body)
        made = cloudfront._invalidations.get(distribution) or []
        if len(made) == before:
            return answer
        new = made[-1]
        new["Status"] = "InProgress"
        agenda.after(INVALIDATED_AFTER_S, lambda: _drop(distribution, new))
        status, headers, found = answer
        return status, headers, found.replace(b">Completed<", b">InProgress<")

    return create


@patch(
    of=f"{CLOUDFRONT}._now_iso",
    lacks="has no clock but the machine's (CloudFront)",
    still=speaks(f"{CLOUDFRONT}._now_iso", "datetime.now"),
)
def date_by_the_worlds_clock(_original: Any) -> Any:
    """Distributions and invalidations carry the world's time."""
    return lambda: clock.utc().strftime("%Y-%m-%dT%H:%M:%S.000Z")


@patch(
    of="ministack.services.s3.now_iso",
    lacks="has no clock but the machine's (S3)",
    still=speaks("ministack.core.responses.now_iso", "datetime.now"),
)
def date_objects_by_the_worlds_clock(_original: Any) -> Any:
    """Objects carry the world's time."""
    return lambda: f"{clock.utc():%Y-%m-%dT%H:%M:%S}.000Z"
