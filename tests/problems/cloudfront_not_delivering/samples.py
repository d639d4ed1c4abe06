"""Evidence of `cloudfront_not_delivering` built by hand: the portfolio's site, to which each test does one thing."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from remediator.core.timestamps import after
from remediator.problems.cloudfront_not_delivering.evidence import Evidence
from remediator.problems.cloudfront_not_delivering.evidence import Outcome as After
from remediator.resources.cloudformation import Stack
from remediator.resources.cloudfront.model import Distribution, EdgeAnswer, ErrorRates, Origin, OriginAccess, Rate
from remediator.resources.s3.model import Bucket, BucketPolicy, Contents, Encryption, KeyPolicy, StoredObject
from tests.problems.ecs_task_restarting.samples import known
from tests.samples import NOW

ID, ACCOUNT, BUCKET = "EDFDVBD6EXAMPLE", "123456789012", "portfolio-site"
ARN = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{ID}"
LONG_AGO = "2026-11-01T03:00:00.000Z"
OPTED_IN = {"auto-remediation": "auto"}
ADMITS: Mapping[str, Any] = {
    "Sid": "AllowCloudFrontServicePrincipal",
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"StringEquals": {"AWS:SourceArn": ARN}},
}
TLS_ONLY: Mapping[str, Any] = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": f"arn:aws:s3:::{BUCKET}/*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
DENIES = {**TLS_ONLY, "Sid": "OnlyVpc", "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}


def origin(**changes: Any) -> Origin:
    made = Origin(id="site", domain=f"{BUCKET}.s3.ap-northeast-1.amazonaws.com", oac="E3OAC")
    return replace(made, **changes)


def distribution(**changes: Any) -> Distribution:
    made = Distribution(
        arn=ARN,
        domain="d1.cloudfront.net",
        enabled=True,
        status="Deployed",
        modified_at=LONG_AGO,
        root_object="index.html",
        origin=origin(),
        tags=OPTED_IN,
    )
    return replace(made, **changes)


def policy(*statements: Mapping[str, Any]) -> BucketPolicy:
    return BucketPolicy(text=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def stored(key: str = "index.html", modified_at: str = LONG_AGO, etag: str = "aa") -> StoredObject:
    return StoredObject(key=key, modified_at=modified_at, etag=etag)


def contents(*objects: StoredObject, **changes: Any) -> Contents:
    listed = objects or (stored(),)
    root = next((o for o in listed if o.key == "index.html"), None)
    return replace(Contents(objects=listed, root=root, listed=len(listed), elsewhere=True), **changes)


def answer(path: str = "/", key: str = "index.html", status: int = 200, **changes: Any) -> EdgeAnswer:
    cache = "Hit from cloudfront" if status == 200 else "Error from cloudfront"
    edge_answer = EdgeAnswer(path=path, key=key, status=status, cache=cache, modified_at=LONG_AGO, etag="aa")
    return replace(edge_answer, **changes)


def rates(client: float = 50.0, server: float = 0.0, minutes: int = 5, at: str = NOW) -> ErrorRates:
    ago = [after(at, -60 * n) for n in range(minutes, 0, -1)]
    return ErrorRates(
        client=tuple(Rate(at=a, pct=client) for a in ago),
        server=tuple(Rate(at=a, pct=server) for a in ago),
        requests=300,
    )


def evidence(**changes: Any) -> Evidence:
    """A distribution whose settings and policy are right and which answers 403: each test breaks one thing."""
    parts: dict[str, Any] = {
        "distribution": distribution(),
        "rates": rates(),
        "invalidations": (),
        "stack": Stack(),
        "access": OriginAccess(signing="always", origin_type="s3"),
        "bucket": Bucket(name=BUCKET, region="ap-northeast-1", tags=OPTED_IN),
        "policy": policy(TLS_ONLY, ADMITS),
        "public_blocked": True,
        "encryption": Encryption(algorithm="AES256"),
        "key_policy": KeyPolicy(),
        "contents": contents(),
        "answers": (answer(status=403),),
        **changes,
    }
    return Evidence(**{name: part if hasattr(part, "gap") else known(part) for name, part in parts.items()})


def outcome(**changes: Any) -> After:
    parts: dict[str, Any] = {
        "distribution": distribution(),
        "rates": rates(client=0.0),
        "bucket": Bucket(name=BUCKET, region="ap-northeast-1"),
        "contents": contents(),
        "answers": (answer(),),
        **changes,
    }
    return After(**{name: part if hasattr(part, "gap") else known(part) for name, part in parts.items()})
