"""The two changes that make a distribution deliver again: one statement for it, and cached copies dropped."""

from collections.abc import Mapping
from typing import Any

from ..bucket_policy import merged
from ..delivery_view import policy_named
from ..model import Call, Plan, Resource
from ..text import Text

NO_POLICY_BEFORE = Text(
    "the bucket had no policy and this program deletes nothing: a person can take it away with "
    "aws s3api delete-bucket-policy",
    "もともとバケットポリシーがなく、このプログラムは何も削除しないためです。"
    "取り消すには aws s3api delete-bucket-policy を手動で実行してください",
)
COPIES_ONLY = Text(
    "an invalidation only drops cached copies: the next request fetches them anew",
    "無効化はキャッシュのコピーを破棄するだけで、次のリクエスト時に再取得されるためです",
)
EVERYTHING = "/*"


def plan_statement(
    bucket: str, partition: str, policy: str | None, statement: Mapping[str, Any], cause: str, runbook: str
) -> Plan:
    """The bucket's policy with one more statement; always asked.

    Args:
        bucket: its name.
        partition: of its ARN.
        policy: as it is now, None where there is none.
        statement: bound to one distribution or identity.
        cause: row of the guide.
        runbook: whose fix role makes the call.

    Raises:
        ValueError: the policy is not understood, or would be larger than S3 takes.
    """
    after = merged(policy, statement)
    arn = f"arn:{partition}:s3:::{bucket}"
    added = f"{statement['Action']} on {statement['Resource']} for {_whom(statement)}"
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="admit_distribution",
        title=Text(
            f"Add one statement to the policy of bucket {bucket}: {added}",
            f"バケット {bucket} のポリシーにステートメントを 1 つ追加: {added}",
        ),
        resource=Resource("bucket", arn),
        calls=(_put(bucket, after, arn),),
        before={"bucketPolicy": policy_named(policy)},
        after={"bucketPolicy": policy_named(after)},
        undo=() if policy is None else (_put(bucket, policy, arn),),
        no_undo=NO_POLICY_BEFORE if policy is None else None,
        response="ask",
        ask_because=Text(
            "a bucket policy decides who may read; a person must agree to each statement",
            "バケットポリシーは読み取り権限を決めるため、追加には人の承認が必要です",
        ),
        keep=Text("PolicyDocument of the AWS::S3::BucketPolicy", "AWS::S3::BucketPolicy の PolicyDocument"),
    )


def _whom(statement: Mapping[str, Any]) -> str:
    """The one distribution or identity that a statement is bound to."""
    source = statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceArn")
    return str(source or next(iter(statement["Principal"].values())))


def _put(bucket: str, policy: str, arn: str) -> Call:
    return Call(action="s3:PutBucketPolicy", parameters={"Bucket": bucket, "Policy": policy}, arn=arn)


def plan_invalidation(  # what an invalidation is made of
    distribution: str, paths: tuple[str, ...], reference: str, before: str, cause: str, runbook: str
) -> Plan:
    """Drops the cached copies of `paths`; all of them (`/*`) only after a person approved.

    Args:
        distribution: its ARN.
        paths: at most 15; the first 1,000 a month are free of charge, then 0.005 USD each. Source: AWS's price list.
        reference: makes a repeated call the same invalidation.
        before: the newest invalidations' references, as they are now.
        cause: row of the guide.
        runbook: whose fix role makes the call.
    """
    everything = EVERYTHING in paths
    named = ", ".join(paths)
    id = distribution.rsplit("/", 1)[-1]
    batch = {"Paths": {"Quantity": len(paths), "Items": list(paths)}, "CallerReference": reference}
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="invalidate",
        title=Text(f"Drop the cached copies of {named}", f"キャッシュを無効化: {named}"),
        resource=Resource("distribution", distribution),
        calls=(
            Call(
                action="cloudfront:CreateInvalidation",
                parameters={"DistributionId": id, "InvalidationBatch": batch},
                arn=distribution,
            ),
        ),
        before={"invalidations": before},
        after={"invalidations": reference},
        no_undo=COPIES_ONLY,
        response="ask" if everything else "auto",
        ask_because=Text(
            "every copy is dropped, so all requests reach the origin for a while",
            "全コピーを破棄するため、しばらくの間すべてのリクエストがオリジンに届きます",
        )
        if everything
        else None,
    )
