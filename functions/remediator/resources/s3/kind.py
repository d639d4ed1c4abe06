"""An S3 bucket."""

from ...core.settings import Workload
from ...core.text import Text
from ..kind import ArnForm, ResourceKind, WriteCondition


def _declared(workload: Workload) -> tuple[str, ...]:
    return (workload.bucket,) if workload.bucket else ()


# No opt-in command: the CLI's put-bucket-tagging would replace all other tags.
BUCKET = ResourceKind(
    name="bucket",
    tag_call="s3:GetBucketTagging",
    title=Text("bucket", "バケット"),
    arn=ArnForm(service="s3", path=r"[a-z0-9.-]{3,63}", names="partition"),
    declared=_declared,
    health_services=("S3", "CLOUDFRONT"),
    write_condition=WriteCondition(
        exact_arn={"s3:PutBucketPolicy": "bucket tags count only where the account has turned on ABAC for the bucket"},
        tagging=("PutBucketTagging", "TagResource", "UntagResource"),
    ),
)
KINDS = (BUCKET,)
