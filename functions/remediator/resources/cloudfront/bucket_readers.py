"""Readers of the bucket behind a distribution: where it is, who may read, how it is encrypted, what it holds."""

from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFound, Rejected
from ...core.ports import Aws, Permission, Scope, reads
from ...core.timestamps import iso
from ..iam.statements import without_secrets
from ..s3.model import Bucket, BucketPolicy, Contents, Encryption, KeyPolicy, StoredObject
from .model import Distribution

BUCKET_ARN = "arn:{partition}:s3:::*"
KEY_ARN = "arn:{partition}:kms:{region}:{account}:key/*"
OLDEST_REGION = "us-east-1"  # S3 names no location for it. Source: AWS, S3 API reference, GetBucketLocation
LISTED = 1000  # one page
NEWEST_KEPT = 5


@reads(Permission("s3:GetBucketLocation", BUCKET_ARN), Permission("s3:GetBucketTagging", BUCKET_ARN))
def bucket(aws: Aws, scope: Scope, distribution: Distribution) -> Bucket:
    """Whether the bucket that the origin names exists, where, and with which tags."""
    del scope
    name = distribution.origin.bucket
    if not name:
        return Bucket()
    try:
        region = aws.call("s3:GetBucketLocation", Bucket=name).get("LocationConstraint") or OLDEST_REGION
    except NotFound:
        return Bucket(name=name, exists=False)
    return Bucket(name=name, region={"EU": "eu-west-1"}.get(region, region), tags=_tags(aws, name))


def _tags(aws: Aws, name: str) -> Mapping[str, str]:
    try:
        found = aws.call("s3:GetBucketTagging", Bucket=name)["TagSet"]
    except Rejected as refused:
        _only(refused, "NoSuchTagSet")
        return {}
    return {t["Key"]: t["Value"] for t in found}


def _only(refused: Rejected, code: str) -> None:
    """What S3 says where nothing is set is an answer; any other refusal is none."""
    if refused.code != code:
        raise refused


@reads(Permission("s3:GetBucketPolicy", BUCKET_ARN))
def bucket_policy(aws: Aws, scope: Scope, bucket: Bucket) -> BucketPolicy:
    """The bucket's policy, without what looks like a secret."""
    del scope
    if not bucket.name or not bucket.exists:
        return BucketPolicy()
    try:
        text, secret = without_secrets(aws.call("s3:GetBucketPolicy", Bucket=bucket.name)["Policy"])
    except Rejected as refused:
        _only(refused, "NoSuchBucketPolicy")
        return BucketPolicy()
    return BucketPolicy(text=text, secret=secret)


@reads(Permission("s3:GetBucketPublicAccessBlock", BUCKET_ARN))
def public_blocked(aws: Aws, scope: Scope, bucket: Bucket) -> bool:
    """Whether RestrictPublicBuckets is on for the bucket; what its account sets besides is not read."""
    del scope
    if not bucket.name or not bucket.exists:
        return False
    try:
        found = aws.call("s3:GetBucketPublicAccessBlock", Bucket=bucket.name)["PublicAccessBlockConfiguration"]
    except Rejected as refused:
        _only(refused, "NoSuchPublicAccessBlockConfiguration")
        return False
    return bool(found.get("RestrictPublicBuckets", False))


@reads(Permission("s3:GetEncryptionConfiguration", BUCKET_ARN))
def encryption(aws: Aws, scope: Scope, bucket: Bucket) -> Encryption:
    """How the bucket encrypts new objects."""
    del scope
    if not bucket.name or not bucket.exists:
        return Encryption()
    try:
        found = aws.call("s3:GetEncryptionConfiguration", Bucket=bucket.name)["ServerSideEncryptionConfiguration"]
    except Rejected as refused:
        _only(refused, "ServerSideEncryptionConfigurationNotFoundError")
        return Encryption()
    default = found["Rules"][0].get("ApplyServerSideEncryptionByDefault", {})
    return Encryption(algorithm=default.get("SSEAlgorithm", ""), key=default.get("KMSMasterKeyID", ""))


@reads(Permission("kms:DescribeKey", KEY_ARN), Permission("kms:GetKeyPolicy", KEY_ARN))
def key_policy(aws: Aws, scope: Scope, encryption: Encryption) -> KeyPolicy:
    """The policy of the key that encrypts the objects; of AWS's own key only that it is one."""
    del scope
    if not encryption.algorithm.startswith("aws:kms"):
        return KeyPolicy()
    if not encryption.key or encryption.key.endswith("alias/aws/s3"):
        return KeyPolicy(arn="alias/aws/s3", manager="AWS")
    found = aws.call("kms:DescribeKey", KeyId=encryption.key)["KeyMetadata"]
    if found.get("KeyManager") == "AWS":
        return KeyPolicy(arn=found["Arn"], manager="AWS")
    text, _ = without_secrets(aws.call("kms:GetKeyPolicy", KeyId=found["Arn"], PolicyName="default")["Policy"])
    return KeyPolicy(arn=found["Arn"], manager="CUSTOMER", text=text)


@reads(Permission("s3:ListBucket", BUCKET_ARN))
def contents(aws: Aws, scope: Scope, distribution: Distribution, bucket: Bucket) -> Contents:
    """The newest objects under the origin path, the default root object, and whether there are others.

    Objects are listed, never read; of a large bucket the first thousand under the path.
    """
    del scope
    if not bucket.name or not bucket.exists:
        return Contents()
    prefix, root = distribution.origin.prefix, distribution.root_object
    result = aws.call("s3:ListBucket", Bucket=bucket.name, Prefix=prefix, MaxKeys=LISTED).get("Contents", ())
    found = sorted((_stored(o) for o in result), key=lambda o: o.modified_at, reverse=True)
    files = [o for o in found if not o.key.endswith("/")]
    elsewhere = bool(files)
    if prefix and not files:
        elsewhere = bool(aws.call("s3:ListBucket", Bucket=bucket.name, MaxKeys=1).get("Contents", ()))
    return Contents(
        objects=tuple(files[:NEWEST_KEPT]),
        root=_object(aws, bucket.name, prefix + root) if root else None,
        listed=len(files),
        elsewhere=elsewhere,
    )


def _object(aws: Aws, bucket: str, key: str) -> StoredObject | None:
    found = aws.call("s3:ListBucket", Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
    return next((_stored(o) for o in found if o["Key"] == key), None)


def _stored(response: Mapping[str, Any]) -> StoredObject:
    return StoredObject(
        key=response["Key"], modified_at=iso(response["LastModified"]), etag=response.get("ETag", "").strip('"')
    )
