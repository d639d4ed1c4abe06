"""A CloudFront distribution as values: origins, edge answers, error rates, invalidations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..s3.origin_read import Access, OriginRead

OriginKind = Literal["bucket", "website", "custom"]


BUCKET_DOMAIN = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3(?:[.-](?P<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?"
)


WEBSITE_DOMAIN = re.compile(
    r"(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\.s3-website[.-](?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?"
)


PLAIN_IN_PATHS = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/"
)  # RFC 3986, unreserved


ERROR_TTL_S = 10  # AWS, CloudFront Developer Guide: error caching minimum TTL where none is set


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a distribution fetches from.

    Attributes:
        path: put before every key, `/site`; empty or with its first slash.
        oac: id of the origin access control, empty where there is none.
        oai: id of the origin access identity.
        protocol: OriginProtocolPolicy of a custom origin, `http-only`.
    """

    id: str
    domain: str
    path: str = ""
    oac: str = ""
    oai: str = ""
    protocol: str = ""

    @property
    def kind(self) -> OriginKind:
        """An S3 bucket, a bucket's website endpoint, or anything else."""
        if WEBSITE_DOMAIN.fullmatch(self.domain):
            return "website"
        return "bucket" if BUCKET_DOMAIN.fullmatch(self.domain) else "custom"

    @property
    def bucket(self) -> str:
        """Name of the bucket, empty where it is none."""
        return self._part("bucket")

    @property
    def region(self) -> str:
        """The region that the domain names, empty where it names none."""
        return self._part("region")

    @property
    def prefix(self) -> str:
        """What every key that is asked for begins with: the path without its slash at the beginning."""
        return f"{self.path.strip('/')}/" if self.path.strip("/") else ""

    def _part(self, name: str) -> str:
        found = WEBSITE_DOMAIN.fullmatch(self.domain) or BUCKET_DOMAIN.fullmatch(self.domain)
        return (found[name] or "") if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One distribution as it is set.

    Attributes:
        domain: `d111111abcdef8.cloudfront.net`.
        status: `Deployed` or `InProgress`.
        modified_at: ISO 8601.
        origin: of the default cache behaviour, or the first bucket where that one has none.
        error_ttl_s: how long an error is cached at least, by its code; other codes 10 s.
        guarded: what keeps a plain GET out: signed URLs, a web ACL, a geo restriction.
    """

    arn: str
    domain: str
    enabled: bool
    status: str
    modified_at: str
    root_object: str
    origin: Origin
    origins: int = 1
    error_ttl_s: Mapping[str, int] = field(default_factory=dict)
    guarded: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """`E2QWRUHAPOMQZL`."""
        return self.arn.rsplit("/", 1)[-1]

    def ttl_of(self, status: int) -> int:
        """Seconds that an answer of this status is cached at least."""
        return self.error_ttl_s.get(str(status), ERROR_TTL_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginAccess:
    """How requests to the bucket are signed.

    Attributes:
        signing: `always`, `never` or `no-override` of an origin access control; empty without one.
        origin_type: what that control is for, `s3`.
        canonical_user: S3's id of the origin access identity.
        gone: the control or identity that the distribution names does not exist.
    """

    signing: str = ""
    origin_type: str = ""
    canonical_user: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAnswer:
    """What the distribution answered to one GET.

    Attributes:
        path: `/index.html`.
        key: the object behind it, empty where there is none.
        age_s: of the cached copy, None where the answer has no Age.
        cache: CloudFront's X-Cache, `Hit from cloudfront`.
        modified_at: ISO 8601 of the copy; empty where it says none.
    """

    path: str
    key: str
    status: int
    age_s: int | None = None
    cache: str = ""
    modified_at: str = ""
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Share of failed requests in one period, in percent."""

    at: str
    pct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRates:
    """Error rates over the window, oldest first, and how many requests there were."""

    client: tuple[Rate, ...] = ()
    server: tuple[Rate, ...] = ()
    requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalidation:
    """One invalidation: its id, whether it is still under way, its paths and who asked for it."""

    id: str
    in_progress: bool
    paths: tuple[str, ...] = ()
    reference: str = ""


def path_of(key: str, prefix: str) -> str:
    """The path that leads to an object, as an address and an invalidation take it: a `*` in a key is no wildcard there."""
    found = key.removeprefix(prefix).encode()
    return "/" + "".join(chr(b) if chr(b) in PLAIN_IN_PATHS else f"%{b:02X}" for b in found)


def origin_read(
    distribution: Distribution,
    access: OriginAccess,
    account: str,
    *,
    public_blocked: bool | None = None,
    key_arn: str = "",
) -> OriginRead:
    """The distribution's read of its bucket, as a policy sees it."""
    origin = distribution.origin
    kind: Access = "anonymous"
    if origin.oac:
        kind = "anonymous" if access.signing == "never" else "oac"
    elif origin.oai:
        kind = "oai"
    return OriginRead(
        access=kind,
        bucket=origin.bucket,
        distribution=distribution.id,
        account=account,
        partition=distribution.arn.split(":")[1],
        oai=origin.oai,
        canonical_user=access.canonical_user,
        prefix=origin.prefix,
        public_blocked=public_blocked,
        key_arn=key_arn,
    )
