"""Readers of a CloudFront distribution: its settings, how it signs, what it answers, how often it fails."""

from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any

from ...core.errors import NotFound, Retryable
from ...core.ports import GLOBAL_REGION, Aws, HttpAnswer, Permission, Scope, reads
from ...core.timestamps import after, iso, moment
from ...redaction.redact import outside
from ..cloudwatch import query
from ..s3.model import Contents
from .model import Distribution, EdgeAnswer, ErrorRates, Invalidation, Origin, OriginAccess, Rate, path_of

DISTRIBUTION_ARN = "arn:{partition}:cloudfront::{account}:distribution/*"
PATHS_ASKED = 6  # GETs of one look
INVALIDATIONS_READ = 3
PERIOD_S = 60
HEADER_CHARS = 100


@reads(
    Permission("cloudfront:GetDistribution", DISTRIBUTION_ARN),
    Permission("cloudfront:ListTagsForResource", DISTRIBUTION_ARN),
)
def distribution(aws: Aws, scope: Scope) -> Distribution:
    """The distribution as it is set, with its tags."""
    resource = scope.incident.resource
    found = aws.call("cloudfront:GetDistribution", Id=resource.name)["Distribution"]
    tags = aws.call("cloudfront:ListTagsForResource", Resource=resource.arn)["Tags"].get("Items", ())
    config = found["DistributionConfig"]
    behaviours = (config["DefaultCacheBehavior"], *_items(config.get("CacheBehaviors")))
    origins = {o["Id"]: _origin(o) for o in _items(config["Origins"])}
    return Distribution(
        arn=resource.arn,
        domain=found["DomainName"],
        enabled=config["Enabled"],
        status=found["Status"],
        modified_at=iso(found["LastModifiedTime"]),
        root_object=config.get("DefaultRootObject") or "",
        origin=_site(origins, [b["TargetOriginId"] for b in behaviours]),
        origins=len(origins),
        error_ttl_s=_error_ttls(config),
        guarded=_guards(config, behaviours),
        tags={t["Key"]: t.get("Value", "") for t in tags},
    )


def _items(listed: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    return (listed or {}).get("Items") or ()


def _origin(response: Mapping[str, Any]) -> Origin:
    identity = response.get("S3OriginConfig", {}).get("OriginAccessIdentity") or ""
    return Origin(
        id=response["Id"],
        domain=response["DomainName"],
        path=response.get("OriginPath") or "",
        oac=response.get("OriginAccessControlId") or "",
        oai=identity.rsplit("/", 1)[-1],
        protocol=response.get("CustomOriginConfig", {}).get("OriginProtocolPolicy", ""),
    )


def _site(origins: Mapping[str, Origin], used: Sequence[str]) -> Origin:
    """The origin of the default behaviour; a bucket of another behaviour where that one is no bucket."""
    asked = [origins[id] for id in used if id in origins]
    if not asked:
        raise NotFound("the default cache behaviour names an origin that the distribution does not have")
    return next((o for o in asked if o.kind != "custom"), asked[0])


def _error_ttls(config: Mapping[str, Any]) -> Mapping[str, int]:
    mappings = _items(config.get("CustomErrorResponses"))
    return {str(e["ErrorCode"]): int(e["ErrorCachingMinTTL"]) for e in mappings if "ErrorCachingMinTTL" in e}


def _guards(config: Mapping[str, Any], behaviours: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    signed = any(b.get(k, {}).get("Enabled") for b in behaviours for k in ("TrustedSigners", "TrustedKeyGroups"))
    geo = config.get("Restrictions", {}).get("GeoRestriction", {}).get("RestrictionType", "none")
    found = {"signed URLs": signed, "web ACL": bool(config.get("WebACLId")), "geo restriction": geo != "none"}
    return tuple(name for name, there in found.items() if there)


@reads(
    Permission("cloudfront:GetOriginAccessControl", "arn:{partition}:cloudfront::{account}:origin-access-control/*"),
    Permission(
        "cloudfront:GetCloudFrontOriginAccessIdentity",
        "arn:{partition}:cloudfront::{account}:origin-access-identity/*",
    ),
)
def origin_access(aws: Aws, scope: Scope, distribution: Distribution) -> OriginAccess:
    """How requests to the origin are signed."""
    del scope
    origin = distribution.origin
    try:
        if origin.oac:
            response = aws.call("cloudfront:GetOriginAccessControl", Id=origin.oac)["OriginAccessControl"]
            config = response["OriginAccessControlConfig"]
            return OriginAccess(signing=config["SigningBehavior"], origin_type=config["OriginAccessControlOriginType"])
        if origin.oai:
            response = aws.call("cloudfront:GetCloudFrontOriginAccessIdentity", Id=origin.oai)
            return OriginAccess(canonical_user=response["CloudFrontOriginAccessIdentity"]["S3CanonicalUserId"])
    except NotFound:
        return OriginAccess(gone=True)
    return OriginAccess()


@reads()
def answers(aws: Aws, scope: Scope, distribution: Distribution, contents: Contents) -> tuple[EdgeAnswer, ...]:
    """What the distribution answers to a GET of its root and of its newest objects, from one place of the edge.

    None where it is disabled, or lets no plain GET in.
    """
    del scope
    if not distribution.enabled or distribution.guarded:
        return ()
    prefix = distribution.origin.prefix
    root = contents.root.key if contents.root else ""
    asked = {"/": root, **{path_of(o.key, prefix): o.key for o in contents.objects if o.key != root}}
    found = [_answer(aws, distribution.domain, path, key) for path, key in list(asked.items())[:PATHS_ASKED]]
    return tuple(a for a in found if a is not None)


def _answer(aws: Aws, domain: str, path: str, key: str) -> EdgeAnswer | None:
    try:
        found = aws.get(f"https://{domain}{path}")
    except Retryable:
        return None  # nothing answers there: the answers of other paths tell more than a gap
    return EdgeAnswer(
        path=path,
        key=key,
        status=found.status,
        age_s=_age(found),
        cache=outside(found.headers.get("x-cache", ""), HEADER_CHARS),
        modified_at=_http_date(found.headers.get("last-modified", "")),
        etag=outside(found.headers.get("etag", ""), HEADER_CHARS).strip('"').removeprefix('W/"'),
    )


def _age(http_answer: HttpAnswer) -> int | None:
    text = http_answer.headers.get("age", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _http_date(text: str) -> str:
    try:
        return iso(parsedate_to_datetime(text)) if text else ""
    except (TypeError, ValueError):
        return ""


@reads(Permission("cloudwatch:GetMetricData", region=GLOBAL_REGION))
def error_rates(aws: Aws, scope: Scope) -> ErrorRates:
    """4xx and 5xx rates of each minute of the window; CloudFront's metrics are in us-east-1 only."""
    dimensions = {"DistributionId": scope.incident.resource.name, "Region": "Global"}
    response = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[
            _query("client", "4xxErrorRate", "Average", dimensions),
            _query("server", "5xxErrorRate", "Average", dimensions),
            _query("requests", "Requests", "Sum", dimensions),
        ],
        StartTime=moment(after(scope.now, -scope.window_s)),
        EndTime=moment(scope.now),
        ScanBy="TimestampAscending",
    )
    found = {r["Id"]: r for r in response["MetricDataResults"]}
    return ErrorRates(
        client=_rates(found.get("client", {})),
        server=_rates(found.get("server", {})),
        requests=int(sum(found.get("requests", {}).get("Values", ()))),
    )


def _query(id: str, name: str, stat: str, dimensions: Mapping[str, str]) -> Mapping[str, Any]:
    return query(id, "AWS/CloudFront", name, dimensions, stat, PERIOD_S)


def _rates(response: Mapping[str, Any]) -> tuple[Rate, ...]:
    pairs = zip(response.get("Timestamps", ()), response.get("Values", ()), strict=True)
    return tuple(Rate(at=iso(at), pct=float(value)) for at, value in pairs)


@reads(
    Permission("cloudfront:ListInvalidations", DISTRIBUTION_ARN),
    Permission("cloudfront:GetInvalidation", DISTRIBUTION_ARN),
)
def invalidations(aws: Aws, scope: Scope) -> tuple[Invalidation, ...]:
    """The newest invalidations with their paths."""
    id = scope.incident.resource.name
    listed = aws.call("cloudfront:ListInvalidations", DistributionId=id, MaxItems=str(INVALIDATIONS_READ))
    newest = listed["InvalidationList"].get("Items", ())[:INVALIDATIONS_READ]
    return tuple(_invalidation(aws, id, i["Id"]) for i in newest)


def _invalidation(aws: Aws, distribution: str, id: str) -> Invalidation:
    found = aws.call("cloudfront:GetInvalidation", DistributionId=distribution, Id=id)["Invalidation"]
    batch = found["InvalidationBatch"]
    return Invalidation(
        id=id,
        in_progress=found["Status"] != "Completed",
        paths=tuple(batch["Paths"].get("Items", ())[:20]),
        reference=outside(batch["CallerReference"], HEADER_CHARS),
    )
