"""The portfolio's static site over time: a bucket in moto, a distribution before it, an edge that keeps copies.

What the edge answers follows from the bucket's policy, key, objects and the distribution's settings, judged here by a
small evaluation of its own, so that the product's is measured against another.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from remediator.core.ports import HttpAnswer

from .. import names
from ..cloudwatch.metrics import Sample
from ..portfolio import Clients

ARN = f"arn:aws:cloudfront::{names.ACCOUNT}:distribution/{names.DISTRIBUTION}"
PAGE_TTL_S = 86400  # CloudFront's default TTL
ERROR_TTL_S = 10  # and its error caching minimum
INVALIDATED_AFTER = timedelta(seconds=45)
MINUTE = timedelta(minutes=1)
TLS_ONLY = {
    "Sid": "TlsOnly",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::{names.BUCKET}", f"arn:aws:s3:::{names.BUCKET}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
ADMITS = {
    "Sid": "AllowCloudFrontServicePrincipal",
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{names.BUCKET}/*",
    "Condition": {"StringEquals": {"AWS:SourceArn": ARN}},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What of the distribution's config decides."""

    enabled: bool = True
    bucket: str = names.BUCKET
    origin_path: str = ""
    root_object: str = "index.html"
    error_ttl_s: int = ERROR_TTL_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What the edge keeps of one path."""

    status: int
    body: str
    etag: str
    modified_at: datetime | None
    at: datetime
    until: datetime


@dataclass(slots=True)
class Dropped:
    """An invalidation; its copies are gone once it is complete."""

    id: str
    reference: str
    paths: tuple[str, ...]
    at: datetime
    done: bool = False


@dataclass(slots=True)
class Site:
    """The site; `setting` is what serves, `coming` what is still being deployed."""

    now: Callable[[], datetime]
    setting: Setting = field(default_factory=Setting)
    coming: tuple[Setting, datetime] | None = None
    changed_at: datetime | None = None
    tags: dict[str, str] = field(default_factory=lambda: {"auto-remediation": "auto"})
    copies: dict[str, Copy] = field(default_factory=dict)
    dropped: list[Dropped] = field(default_factory=list)
    rates: dict[datetime, tuple[float, float]] = field(default_factory=dict)

    def build(self, clients: Clients) -> None:
        """Objects, policy and tag of the bucket, as they have been for weeks."""
        long_ago = self.now() - timedelta(days=20)
        s3 = clients("s3")
        s3.put_bucket_policy(Bucket=names.BUCKET, Policy=policy(TLS_ONLY, ADMITS))
        tagging = {"TagSet": [{"Key": "auto-remediation", "Value": "auto"}]}
        s3.put_bucket_tagging(Bucket=names.BUCKET, Tagging=tagging)
        self.put("assets/app.1.js", "", long_ago)
        self.put("about.html", "", long_ago)
        self.put("index.html", "assets/app.1.js", long_ago)

    # What a scenario does

    def put(self, key: str, body: str, at: datetime) -> None:
        """Someone writes an object; moto would date it by the machine's own clock."""
        stored = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object(names.BUCKET, key, body.encode())
        stored.last_modified = at.replace(tzinfo=None)

    def remove(self, key: str) -> None:
        """Someone removes an object."""
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].delete_object(names.BUCKET, key)

    def set(self, *, deploys_in_s: float = 0, **changes: Any) -> None:
        """Someone changes the distribution; it serves so once it is deployed."""
        self.coming = (replace(self.setting, **changes), self.now() + timedelta(seconds=deploys_in_s))
        self.changed_at = self.now()
        self._deploy(self.now())

    def forget(self) -> None:
        """The edge keeps nothing, as after a quiet night."""
        self.copies.clear()

    @property
    def deployed(self) -> bool:
        """Whether every edge serves what is set."""
        return self.coming is None

    # What the edge does

    def answer(self, path: str, at: datetime) -> HttpAnswer:
        """What it says to a GET: a copy where it keeps one, else what it fetches, which it then keeps."""
        self.catch_up(at)
        if not self.setting.enabled:
            return HttpAnswer(403, 12, {"x-cache": "Error from cloudfront"})
        kept = self.copies.get(path)
        hit = kept is not None and at < kept.until
        copy = kept if kept is not None and hit else self._fetch(path, at)
        self.copies[path] = copy
        headers = {"etag": f'"{copy.etag}"'} if copy.etag else {}
        if copy.modified_at:
            headers["last-modified"] = format_datetime(copy.modified_at, usegmt=True)
        if hit:
            headers["age"] = str(int((at - copy.at).total_seconds()))
        word = "Error" if copy.status >= 400 else ("Hit" if hit else "Miss")
        return HttpAnswer(copy.status, 12, {**headers, "x-cache": f"{word} from cloudfront"})

    def look(self, at: datetime) -> None:
        """The minute that ends at `at`: viewers ask for pages and for what these refer to."""
        asked = ["/", "/about.html"]
        statuses = [self.answer(path, at).status for path in asked]
        if (page := self.copies.get("/")) and page.status == 200 and page.body:
            statuses.append(self.answer(f"/{page.body}", at).status)
        of = {k: 100 * sum(s // 100 == k for s in statuses) / len(statuses) for k in (4, 5)}
        self.rates[at - MINUTE] = (of[4], of[5])

    def catch_up(self, at: datetime) -> None:
        """Deployments and invalidations that are complete by then."""
        self._deploy(at)
        for found in self.dropped:
            if not found.done and at >= found.at + INVALIDATED_AFTER:
                found.done = True
                gone = set(self.copies) if "/*" in found.paths else set(found.paths)
                self.copies = {p: c for p, c in self.copies.items() if p not in gone}

    def _deploy(self, at: datetime) -> None:
        if self.coming and at >= self.coming[1]:
            self.setting, self.coming = self.coming[0], None

    def _fetch(self, path: str, at: datetime) -> Copy:
        status, stored = self._origin(path)
        ttl_s = PAGE_TTL_S if status == 200 else max(ERROR_TTL_S, self.setting.error_ttl_s)
        return Copy(
            status=status,
            body=stored.value.decode() if stored else "",
            etag=stored.etag.strip('"') if stored else "",
            modified_at=stored.last_modified.replace(tzinfo=self.now().tzinfo) if stored else None,
            at=at,
            until=at + timedelta(seconds=ttl_s),
        )

    def _origin(self, path: str) -> tuple[int, Any]:
        bucket = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets.get(self.setting.bucket)
        if bucket is None:
            return 404, None
        key = f"{self.setting.origin_path.strip('/')}/".lstrip("/") + (path.strip("/") or self.setting.root_object)
        stored = bucket.keys.get(key)
        if not _admitted(bucket.policy) or stored is None or not _decrypts(bucket.encryption):
            return 403, None  # who may not list is not told that a key is missing
        return 200, stored

    # What CloudWatch counts

    def source(self, namespace: str, name: str, dimensions: Mapping[str, str]) -> Sample | None:
        """Error rates in percent; nothing is counted where nobody asked."""
        here = {"DistributionId": names.DISTRIBUTION, "Region": "Global"}
        if namespace != "AWS/CloudFront" or dict(dimensions) != here:
            return None
        place = {"4xxErrorRate": 0, "5xxErrorRate": 1}.get(name)
        if place is None:
            return (lambda at: 5.0 if _minute(at) in self.rates else None) if name == "Requests" else None
        return lambda at: self.rates[_minute(at)][place] if _minute(at) in self.rates else None


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def policy(*statements: Mapping[str, Any]) -> str:
    """A bucket policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _admitted(text: Any) -> bool:
    """As far as the stories need it: the one source, by StringEquals; a Deny about anything but plain HTTP."""
    if not text:
        return False
    statements = json.loads(text)["Statement"]
    denies = [s for s in statements if s["Effect"] == "Deny" and "Bool" not in s.get("Condition", {})]
    allows = [s for s in statements if s["Effect"] == "Allow" and _names_us(s)]
    return bool(allows) and not denies


def _names_us(statement: Mapping[str, Any]) -> bool:
    source = statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceArn")
    service = isinstance(statement["Principal"], dict) and statement["Principal"].get("Service")
    return bool(service == "cloudfront.amazonaws.com" and source == ARN)


def _decrypts(encryption: Any) -> bool:
    if not encryption:
        return True
    rule = encryption["Rule"]
    default = (rule[0] if isinstance(rule, list) else rule)["ApplyServerSideEncryptionByDefault"]
    if default["SSEAlgorithm"] != "aws:kms":
        return True
    backend = kms_backends[DEFAULT_ACCOUNT_ID][names.REGION]
    return ARN in str(backend.describe_key(default["KMSMasterKeyID"].rsplit("/", 1)[-1]).policy)
