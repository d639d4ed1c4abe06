"""Readers of CloudFront and S3 on answers in AWS's own shape; requests and answers are checked against botocore's models."""

import json
from datetime import UTC, datetime

import pytest

from remediator.core.errors import NotFound, Rejected
from remediator.core.model import Resource
from remediator.core.ports import GLOBAL_REGION, HttpAnswer, Scope
from remediator.core.settings import Settings
from remediator.resources.cloudfront import bucket_readers as s3
from remediator.resources.cloudfront import readers as cloudfront
from remediator.resources.cloudfront.model import OriginAccess, Rate
from remediator.resources.s3.model import Bucket, Contents, Encryption
from tests.fakes import FakeAws
from tests.problems.cloudfront_not_delivering.samples import ARN, BUCKET, ID, contents, distribution, origin, stored
from tests.samples import NOW, incident

AT = datetime(2026, 11, 23, 2, 50, tzinfo=UTC)
SCOPE = Scope(incident=incident(resource=Resource("distribution", ARN)), now=NOW, settings=Settings())
HERE = Bucket(name=BUCKET, region="ap-northeast-1")
NOWHERE = (Bucket(), Bucket(name=BUCKET, exists=False))


def listed(*items):
    return {"Quantity": len(items), **({"Items": list(items)} if items else {})}


def behaviour(target="site", **more):
    return {"TargetOriginId": target, "ViewerProtocolPolicy": "redirect-to-https", **more}


SITE = {"Id": "site", "DomainName": f"{BUCKET}.s3.ap-northeast-1.amazonaws.com", "OriginAccessControlId": "E3OAC"}
API = {
    "Id": "api",
    "DomainName": "api.example.com",
    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
}


def told(*origins, default=None, **config):
    whole = {
        "CallerReference": "x",
        "Comment": "",
        "Enabled": True,
        "Origins": listed(*(origins or (SITE,))),
        "DefaultCacheBehavior": default or behaviour(),
        **config,
    }
    return {
        "Distribution": {
            "Id": ID,
            "ARN": ARN,
            "Status": "Deployed",
            "LastModifiedTime": AT,
            "InProgressInvalidationBatches": 0,
            "DomainName": "d1.cloudfront.net",
            "DistributionConfig": whole,
        }
    }


def read(answer, tags=()):
    answers = {"cloudfront:GetDistribution": answer, "cloudfront:ListTagsForResource": {"Tags": {"Items": list(tags)}}}
    return cloudfront.distribution(FakeAws(answers), SCOPE)


def test_a_distribution_is_read_with_its_origin_its_errors_and_its_tags():
    errors = listed({"ErrorCode": 403, "ErrorCachingMinTTL": 300}, {"ErrorCode": 404})
    answer = told(DefaultRootObject="index.html", CustomErrorResponses=errors)
    found = read(answer, tags=[{"Key": "auto-remediation", "Value": "auto"}])
    assert (found.id, found.root_object, found.status, found.enabled) == (ID, "index.html", "Deployed", True)
    assert (found.origin.bucket, found.origin.region, found.origin.oac) == (BUCKET, "ap-northeast-1", "E3OAC")
    assert (found.ttl_of(403), found.ttl_of(404), found.tags) == (300, 10, {"auto-remediation": "auto"})
    assert found.guarded == ()


def test_the_bucket_is_looked_for_where_the_default_origin_is_none():
    found = read(told(API, SITE, default=behaviour("api"), CacheBehaviors=listed({**behaviour(), "PathPattern": "/a"})))
    assert (found.origin.id, found.origins) == ("site", 2)
    assert read(told(API, default=behaviour("api"))).origin.kind == "custom"
    with pytest.raises(NotFound):
        read(told(API))


def test_an_identity_is_read_by_its_id():
    identity = {"OriginAccessIdentity": "origin-access-identity/cloudfront/E2OAI"}
    found = read(told({**SITE, "OriginAccessControlId": "", "S3OriginConfig": identity}))
    assert (found.origin.oac, found.origin.oai) == ("", "E2OAI")


def test_what_keeps_a_plain_get_out_is_named():
    signed = behaviour(TrustedKeyGroups={"Enabled": True, "Quantity": 0})
    geo = {"GeoRestriction": {"RestrictionType": "whitelist", "Quantity": 0}}
    assert read(told(default=signed, WebACLId="acl", Restrictions=geo)).guarded == (
        "signed URLs",
        "web ACL",
        "geo restriction",
    )


def test_how_requests_are_signed_is_read():
    config = {
        "Name": "n",
        "SigningProtocol": "sigv4",
        "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3",
    }
    control = {"OriginAccessControl": {"Id": "E3OAC", "OriginAccessControlConfig": config}}
    aws = FakeAws({"cloudfront:GetOriginAccessControl": control})
    assert cloudfront.origin_access(aws, SCOPE, distribution()) == OriginAccess(signing="always", origin_type="s3")
    identity = {"CloudFrontOriginAccessIdentity": {"Id": "E2OAI", "S3CanonicalUserId": "79a5"}}
    aws = FakeAws({"cloudfront:GetCloudFrontOriginAccessIdentity": identity})
    by_identity = distribution(origin=origin(oac="", oai="E2OAI"))
    assert cloudfront.origin_access(aws, SCOPE, by_identity).canonical_user == "79a5"
    assert cloudfront.origin_access(FakeAws({}), SCOPE, distribution(origin=origin(oac=""))) == OriginAccess()
    gone = FakeAws({"cloudfront:GetOriginAccessControl": NotFound("gone")})
    assert cloudfront.origin_access(gone, SCOPE, distribution()).gone


def test_paths_are_asked_for_as_a_browser_would_and_what_tells_their_age_is_kept():
    headers = {
        "age": "90",
        "x-cache": "Hit from cloudfront",
        "last-modified": "Mon, 23 Nov 2026 02:50:00 GMT",
        "etag": 'W/"aa"',
    }
    http = {
        "https://d1.cloudfront.net/": HttpAnswer(200, 12, headers),
        "https://d1.cloudfront.net/a%20b.html": HttpAnswer(403, 9, {"age": "soon", "last-modified": "yesterday"}),
    }
    objects = contents(stored(), stored("a b.html"), stored("nothing-answers.html"))
    root, other = cloudfront.answers(FakeAws({}, http), SCOPE, distribution(), objects)
    assert (root.key, root.age_s, root.cache, root.etag) == ("index.html", 90, "Hit from cloudfront", "aa")
    assert root.modified_at == "2026-11-23T02:50:00.000Z"
    assert (other.path, other.status, other.age_s, other.modified_at) == ("/a%20b.html", 403, None, "")


@pytest.mark.parametrize("changes", [{"enabled": False}, {"guarded": ("web ACL",)}])
def test_nobody_asks_where_no_plain_answer_comes(changes):
    assert cloudfront.answers(FakeAws({}), SCOPE, distribution(**changes), contents()) == ()


def test_error_rates_are_asked_for_in_the_one_region_that_has_them():
    values = {"Timestamps": [AT], "Values": [12.5], "StatusCode": "Complete"}
    aws = FakeAws({"cloudwatch:GetMetricData": {"MetricDataResults": [{"Id": "client", **values}]}})
    found = cloudfront.error_rates(aws, SCOPE)
    assert found.client == (Rate(at="2026-11-23T02:50:00.000Z", pct=12.5),)
    assert (found.server, found.requests) == ((), 0)
    assert [p.region for p in cloudfront.error_rates.permissions] == [GLOBAL_REGION]


def test_the_newest_invalidations_are_read_with_their_paths():
    summary = {"Id": "I1", "CreateTime": AT, "Status": "InProgress"}
    page = {"Marker": "", "MaxItems": 3, "IsTruncated": False, "Quantity": 1, "Items": [summary]}
    batch = {"Paths": listed("/a"), "CallerReference": "ci-7"}
    whole = {**summary, "InvalidationBatch": batch}
    aws = FakeAws(
        {
            "cloudfront:ListInvalidations": {"InvalidationList": page},
            "cloudfront:GetInvalidation": {"Invalidation": whole},
        }
    )
    (found,) = cloudfront.invalidations(aws, SCOPE)
    assert (found.in_progress, found.paths, found.reference) == (True, ("/a",), "ci-7")


# -- the bucket --------------------------------------------------------------------------------------------------------


def refused(action, code):
    return Rejected(action, code, "?")


def test_a_bucket_is_read_with_its_region_and_its_tags():
    tags = {"TagSet": [{"Key": "auto-remediation", "Value": "approve"}]}
    for constraint, region in (({"LocationConstraint": "ap-northeast-1"}, "ap-northeast-1"), ({}, "us-east-1")):
        aws = FakeAws({"s3:GetBucketLocation": constraint, "s3:GetBucketTagging": tags})
        found = s3.bucket(aws, SCOPE, distribution())
        assert (found.region, found.tags) == (region, {"auto-remediation": "approve"})
    untagged = {
        "s3:GetBucketLocation": {"LocationConstraint": "EU"},
        "s3:GetBucketTagging": refused("s3:GetBucketTagging", "NoSuchTagSet"),
    }
    found = s3.bucket(FakeAws(untagged), SCOPE, distribution())
    assert (found.region, found.tags) == ("eu-west-1", {})


def test_a_bucket_that_is_not_there_is_an_answer_and_one_that_is_denied_is_none():
    gone = FakeAws({"s3:GetBucketLocation": NotFound("s3:GetBucketLocation: NoSuchBucket")})
    assert not s3.bucket(gone, SCOPE, distribution()).exists
    custom = distribution(origin=origin(domain="api.example.com"))
    assert s3.bucket(FakeAws({}), SCOPE, custom) == Bucket()


NOT_SET = [
    (s3.bucket_policy, "s3:GetBucketPolicy", "NoSuchBucketPolicy"),
    (s3.public_blocked, "s3:GetBucketPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
    (s3.encryption, "s3:GetEncryptionConfiguration", "ServerSideEncryptionConfigurationNotFoundError"),
]


@pytest.mark.parametrize(("reader", "action", "code"), NOT_SET)
def test_what_is_not_set_is_an_answer_and_any_other_refusal_is_a_gap(reader, action, code):
    unset = reader(FakeAws({action: refused(action, code)}), SCOPE, HERE)
    assert unset == reader(FakeAws({}), SCOPE, NOWHERE[0]) == reader(FakeAws({}), SCOPE, NOWHERE[1])
    with pytest.raises(Rejected):
        reader(FakeAws({action: refused(action, "MethodNotAllowed")}), SCOPE, HERE)


def test_policy_block_and_encryption_are_read():
    policy = FakeAws({"s3:GetBucketPolicy": {"Policy": "{}"}})
    assert s3.bucket_policy(policy, SCOPE, HERE).text == "{}"
    block = {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": True}}
    assert s3.public_blocked(FakeAws({"s3:GetBucketPublicAccessBlock": block}), SCOPE, HERE) is True
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}
    rules = {"ServerSideEncryptionConfiguration": {"Rules": [default]}}
    found = s3.encryption(FakeAws({"s3:GetEncryptionConfiguration": rules}), SCOPE, HERE)
    assert found == Encryption(algorithm="aws:kms", key="k")


def test_a_secret_in_a_policy_is_stored_nowhere():
    def read(text):
        return s3.bucket_policy(FakeAws({"s3:GetBucketPolicy": {"Policy": text}}), SCOPE, HERE)

    shared = {"Effect": "Allow", "Condition": {"StringLike": {"aws:Referer": "hunter2-long-and-secret"}, "Null": 1}}
    found = read(json.dumps({"Statement": [shared, "torn", {"Condition": {"Bool": {"a": "true"}}}, {"Condition": 1}]}))
    assert found.secret
    assert "hunter2" not in found.text
    assert read("{ password=hunter2hunter2").secret
    plain = json.dumps({"Statement": {"Sid": "AllowCloudFront", "Effect": "Allow"}})
    assert (read(plain).text, read(plain).secret) == (plain, False)
    assert read("[]").text == "[]"


@pytest.mark.parametrize(
    ("encryption", "manager"),
    [
        (Encryption(algorithm="AES256"), ""),
        (Encryption(algorithm="aws:kms"), "AWS"),
        (Encryption(algorithm="aws:kms", key="arn:aws:kms:ap-northeast-1:123456789012:alias/aws/s3"), "AWS"),
        (Encryption(algorithm="aws:kms", key="aws-owned"), "AWS"),
        (Encryption(algorithm="aws:kms:dsse", key="own"), "CUSTOMER"),
    ],
)
def test_the_policy_of_the_own_key_is_read_and_of_awss_key_that_it_is_one(encryption, manager):
    def key(KeyId):  # noqa: N803  # as AWS spells it
        owner = "AWS" if KeyId == "aws-owned" else "CUSTOMER"
        return {
            "KeyMetadata": {
                "KeyId": KeyId,
                "Arn": f"arn:aws:kms:ap-northeast-1:123456789012:key/{KeyId}",
                "KeyManager": owner,
            }
        }

    aws = FakeAws({"kms:DescribeKey": key, "kms:GetKeyPolicy": {"Policy": "{}"}})
    found = s3.key_policy(aws, SCOPE, encryption)
    assert (found.manager, found.text) == (manager, "{}" if manager == "CUSTOMER" else "")


def objects(**by_prefix):
    """ListObjectsV2 of a bucket with these keys, dated by their order."""

    def answer(Bucket, MaxKeys, Prefix=""):  # noqa: N803  # as AWS spells them
        found = [k for k in by_prefix["keys"] if k.startswith(Prefix)][:MaxKeys]
        made = [
            {"Key": k, "LastModified": AT.replace(minute=by_prefix["keys"].index(k)), "ETag": '"aa"'} for k in found
        ]
        return {"Contents": made} if made else {}

    return FakeAws({"s3:ListBucket": answer})


def test_objects_are_listed_newest_first_and_never_read():
    aws = objects(keys=["a.html", "folder/", "index.html", *(f"p{n}.html" for n in range(9))])
    found = s3.contents(aws, SCOPE, distribution(), HERE)
    assert [o.key for o in found.objects] == [f"p{n}.html" for n in range(8, 3, -1)]
    assert (found.listed, found.elsewhere, found.root.key) == (11, True, "index.html")
    assert {action for action, _ in aws.calls} == {"s3:ListBucket"}


def test_an_origin_path_that_leads_nowhere_is_told_from_an_empty_bucket():
    below = distribution(origin=origin(path="/public"))
    moved = s3.contents(objects(keys=["index.html"]), SCOPE, below, HERE)
    assert (moved.objects, moved.root, moved.elsewhere) == ((), None, True)
    assert not s3.contents(objects(keys=[]), SCOPE, below, HERE).elsewhere
    assert s3.contents(FakeAws({}), SCOPE, below, NOWHERE[1]) == Contents()


def test_a_key_that_only_begins_like_the_root_is_not_the_root():
    assert s3.contents(objects(keys=["index.html.bak"]), SCOPE, distribution(), HERE).root is None
    assert s3.contents(objects(keys=["a"]), SCOPE, distribution(root_object=""), HERE).root is None
