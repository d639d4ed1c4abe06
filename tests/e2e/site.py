"""Stories about a static site that its distribution does not deliver."""

import json
from functools import partial

from .stage import Stage
from .story import Story
from .tasks import ASKED_AND_APPROVED

DISTRIBUTED = {"Distribution": "true"}
PAGE, OK, FORBIDDEN = "/about.html", 200, 403
KEPT_S = 3600


def _policy_lost(stage: Stage) -> None:
    """Someone writes the bucket's policy anew and forgets the distribution; the night has been quiet."""
    bucket = stage.portfolio["BucketName"]
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [tls_only]}
    stage.client("s3").put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
    _forget(stage, "/*")


def _error_kept(stage: Stage) -> None:
    """A page was missing for a moment, and errors are cached for an hour."""
    _keep_errors(stage)
    s3, bucket, key = stage.client("s3"), stage.portfolio["BucketName"], PAGE.strip("/")
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    _forget(stage, PAGE)
    stage.until("the page is missing", lambda: stage.visit(PAGE) == FORBIDDEN)
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/html")


def _keep_errors(stage: Stage) -> None:
    cloudfront, named = stage.client("cloudfront"), {"Id": stage.portfolio["DistributionId"]}
    response = cloudfront.get_distribution_config(**named)
    kept = {"ErrorCode": FORBIDDEN, "ErrorCachingMinTTL": KEPT_S}
    config = {**response["DistributionConfig"], "CustomErrorResponses": {"Quantity": 1, "Items": [kept]}}
    cloudfront.update_distribution(**named, DistributionConfig=config, IfMatch=response["ETag"])


def _forget(stage: Stage, path: str) -> None:
    batch = {"Paths": {"Quantity": 1, "Items": [path]}, "CallerReference": "by-hand"}
    stage.client("cloudfront").create_invalidation(
        DistributionId=stage.portfolio["DistributionId"], InvalidationBatch=batch
    )


def _is_delivered(path: str, stage: Stage) -> bool:
    return stage.visit(path) == OK


STORIES = (
    Story(
        name="policy-lost",
        begin=_policy_lost,
        portfolio=DISTRIBUTED,
        acts=(ASKED_AND_APPROVED,),
        shown={"the page is delivered": partial(_is_delivered, "/")},
        needs=("s3:PutBucketPolicy",),
    ),
    Story(
        name="error-kept",
        begin=_error_kept,
        portfolio=DISTRIBUTED,
        shown={"the page is delivered": partial(_is_delivered, PAGE)},
        needs=("cloudfront:CreateInvalidation",),
    ),
)
