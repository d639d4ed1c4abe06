"""What is read of a distribution that does not deliver: `Evidence` before the diagnosis, `Outcome` to verify a change."""

from dataclasses import dataclass

from ...core.evidence import Reading, reading
from ...resources import cloudformation
from ...resources.cloudformation import Stack
from ...resources.cloudfront import bucket_readers
from ...resources.cloudfront import readers as cloudfront_readers
from ...resources.cloudfront.model import Distribution, EdgeAnswer, ErrorRates, Invalidation, OriginAccess
from ...resources.s3.model import Bucket, BucketPolicy, Contents, Encryption, KeyPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    distribution: Reading[Distribution] = reading(cloudfront_readers.distribution, recheck=True)
    rates: Reading[ErrorRates] = reading(cloudfront_readers.error_rates)
    invalidations: Reading[tuple[Invalidation, ...]] = reading(cloudfront_readers.invalidations, recheck=True)
    stack: Reading[Stack] = reading(cloudformation.stack)
    access: Reading[OriginAccess] = reading(cloudfront_readers.origin_access, after=("distribution",), recheck=True)
    bucket: Reading[Bucket] = reading(bucket_readers.bucket, after=("distribution",), recheck=True)
    policy: Reading[BucketPolicy] = reading(bucket_readers.bucket_policy, after=("bucket",), recheck=True)
    public_blocked: Reading[bool] = reading(bucket_readers.public_blocked, after=("bucket",))
    encryption: Reading[Encryption] = reading(bucket_readers.encryption, after=("bucket",))
    key_policy: Reading[KeyPolicy] = reading(bucket_readers.key_policy, after=("encryption",))
    contents: Reading[Contents] = reading(bucket_readers.contents, after=("distribution", "bucket"), recheck=True)
    answers: Reading[tuple[EdgeAnswer, ...]] = reading(
        cloudfront_readers.answers, after=("distribution", "contents"), recheck=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is read to prove a fix: what the distribution answers, and the rate of errors that CloudWatch counts."""

    distribution: Reading[Distribution] = reading(cloudfront_readers.distribution)
    rates: Reading[ErrorRates] = reading(cloudfront_readers.error_rates)
    bucket: Reading[Bucket] = reading(bucket_readers.bucket, after=("distribution",))
    contents: Reading[Contents] = reading(bucket_readers.contents, after=("distribution", "bucket"))
    answers: Reading[tuple[EdgeAnswer, ...]] = reading(cloudfront_readers.answers, after=("distribution", "contents"))
