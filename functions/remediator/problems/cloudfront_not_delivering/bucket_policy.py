"""Row `cloudfront_not_delivering.bucket_policy`.

The bucket's policy, or the key's, does not let the distribution read.
"""

import shlex
from collections.abc import Mapping
from typing import Any

from ...core.evidence import Unchecked
from ...core.model import Resource, opted_in
from ...core.plan import Advise, Call, Decision, Plan
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.cloudfront import bucket_readers
from ...resources.iam.statements import HIDDEN
from ...resources.s3.bucket_policy import Admission, judge, merged, missing_statement
from ...resources.s3.origin_read import OriginRead
from .evidence import Evidence
from .facts import (
    DOES_NOT_FIT,
    ID,
    LOOK_AT_DISTRIBUTION,
    admission,
    fetched,
    key_admission,
    key_facts,
    look_at,
    policy_facts,
    policy_named,
    read_of,
    refused,
)

NO_POLICY_BEFORE = Text(
    "the bucket had no policy and this program deletes nothing: a person can take it away with "
    "aws s3api delete-bucket-policy",
    "もともとバケットポリシーがなく、このプログラムは何も削除しないためです。"
    "取り消すには aws s3api delete-bucket-policy を手動で実行してください",
)
DENIES = Text(
    "An explicit Deny is never changed by the program: let its condition make an exception for the distribution.",
    "明示的な Deny はプログラムでは変更しません。条件でこのディストリビューションを除外してください。",
)
SECRET = Text(
    "The policy holds what looks like a secret, which this program neither stores nor sends: add the statement by hand.",
    "ポリシーに秘密情報とみられる値が含まれており、保存や送信はしません。ステートメントを手動で追加してください。",
)
UNSIGNED = Text(
    "The distribution does not sign its requests: give its origin an origin access control, then admit it.",
    "リクエストに署名していません。オリジンにオリジンアクセスコントロールを設定し、そのうえで許可してください。",
)
KEY = Text(
    "Key policies are never changed by the program: the key's own must admit the distribution (kms:Decrypt).",
    "キーポリシーはプログラムでは変更しません。ディストリビューションに kms:Decrypt を許可してください。",
)
KEY_NOT_GIVEN = Text(
    "The bucket's encryption or the key must be changed by a person: ",
    "バケットの暗号化設定またはキーを人が変更する必要があります: ",
)
NOT_OPTED_IN = Text(
    "The bucket has not opted in (tag auto-remediation), so its policy is not changed; the command adds what is missing.",
    "バケットがオプトインされていないため（auto-remediation タグ）、ポリシーは変更しません。コマンドで不足分を追加できます。",
)


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


def look_at_policy(bucket: str) -> str:
    """Shows the policy of `bucket`."""
    return f"aws s3api get-bucket-policy --bucket {shlex.quote(bucket)} --query Policy --output text"


def look_at_key(arn: str) -> str:
    """Shows the policy of a key."""
    return f"aws kms get-key-policy --key-id {shlex.quote(arn)} --policy-name default --query Policy --output text"


def tell_missing(why: Text, read: OriginRead, policy: str | None) -> Advise:
    """The command that puts the policy with the one missing statement, where that can be written down.

    Args:
        why: a person has to do it.
        read: who is not admitted.
        policy: of the bucket or the key, as it is; None where there is none.
    """
    look = look_at_key(read.key_arn) if read.key_arn else look_at_policy(read.bucket)
    if HIDDEN in (policy or ""):
        return Advise(why, (look,))
    try:
        whole = shlex.quote(merged(policy, missing_statement(read)))
    except ValueError:
        return Advise(why, (look,))
    if read.key_arn:
        place = f"aws kms put-key-policy --key-id {shlex.quote(read.key_arn)} --policy-name default"
    else:
        place = f"aws s3api put-bucket-policy --bucket {shlex.quote(read.bucket)}"
    return Advise(why, (look, f"{place} --policy {whole}"))


def holds(e: Evidence, _: Setting) -> Finding:
    """The bucket's policy, or the key's, does not let the distribution read."""
    if e.distribution.get().origin.kind == "custom":
        return RuledOut(Text("the origin is no S3 bucket", "オリジンは S3 バケットではありません"))
    if not e.bucket.get().exists:
        return RuledOut(Text("the bucket does not exist", "バケットが存在しません"))
    if got := fetched(e):
        return RuledOut(
            Text(
                f"the origin has just delivered {got.path} ({got.cache})",
                f"オリジンから {got.path} を取得できています（{got.cache}）",
            )
        )
    said = admission(e)
    if said.word == "cannot_tell":
        raise Unchecked(said.why.en)
    if said.word == "admits":
        return _key(e, said)
    if said.access == "anonymous" and not refused(e):
        raise Unchecked("requests are not signed, and ACLs of objects may admit them; no answer was 403")
    return Holds(policy_facts(e, said), weight=3)


def _key(e: Evidence, policy: Admission) -> Finding:
    said = key_admission(e)
    if said is None or said.word == "admits":
        return RuledOut(policy.why)
    if said.word == "cannot_tell":
        raise Unchecked(said.why.en)
    if not refused(e):
        raise Unchecked("the key's policy does not admit CloudFront, but no object is known to be refused")
    return Holds(key_facts(e, said), weight=3)


@writes(
    Permission("s3:PutBucketPolicy", bucket_readers.BUCKET_ARN),
    does=Text(
        "asks to add the one missing statement, bound to this distribution, to the bucket policy",
        "このディストリビューションに限定したステートメント 1 つの追加について承認を求める",
    ),
)
def admit_distribution(e: Evidence, _: Setting) -> Decision:
    """The policy as it is with one statement more, only after a person approved it."""
    said, read = admission(e), read_of(e)
    if said.word == "admits":
        return _tell_key(e)
    if said.word == "denies":
        return Advise(DENIES + Text(" ", "") + said.why, (look_at_policy(read.bucket),))
    if read.access == "anonymous":
        return Advise(UNSIGNED, (look_at(e.distribution.get()),))
    if e.policy.get().secret:
        return Advise(SECRET, (look_at_policy(read.bucket),))
    if not opted_in(e.bucket.get().tags):
        return tell_missing(NOT_OPTED_IN, read, e.policy.get().text)
    before = e.policy.get().text
    try:
        statement = missing_statement(read)
        if judge(merged(before, statement), read).word != "admits":
            return Advise(DOES_NOT_FIT, (look_at_policy(read.bucket),))
        return plan_statement(read.bucket, read.partition, before, statement, f"{ID}.bucket_policy", ID)
    except ValueError:
        return Advise(DOES_NOT_FIT, (look_at_policy(read.bucket),))


def _tell_key(e: Evidence) -> Decision:
    """What keeps the key from being used: a statement that is missing, or a key that cannot be given at all."""
    said, arn = key_admission(e), e.key_policy.get().arn
    if said is not None and said.word == "denies":
        return Advise(KEY_NOT_GIVEN + said.why, (look_at_key(arn),))
    return tell_missing(KEY, read_of(e, arn), e.key_policy.get().text)


CAUSE = Cause(
    id="bucket_policy",
    title=Text("bucket policy does not admit the distribution", "バケットポリシーが許可していない"),
    holds=holds,
    fixes=(admit_distribution,),
    advice=Text(
        "Let the bucket policy admit this one distribution (s3:GetObject, AWS:SourceArn) and remove what denies it.",
        "バケットポリシーでこのディストリビューションだけを許可し（s3:GetObject、AWS:SourceArn）、"
        "拒否している設定があれば取り除いてください。",
    ),
    confirm=Text(
        "CloudFront answers 403 for a key that exists in the bucket, and no Allow statement of the policy fits this "
        "distribution (or a Deny, the public access block or the KMS key's policy keeps it out). S3 answers 403 for a "
        "missing key too, so look for the key first.",
        "バケットに存在するキーに対して CloudFront が 403 を返し、このディストリビューションに合う Allow がポリシーにありません"
        "（または Deny、パブリックアクセスブロック、KMS キーポリシーが拒否しています）。"
        "S3 はキーがない場合にも 403 を返すため、先にキーの有無を確認してください。",
    ),
    look=(
        LOOK_AT_DISTRIBUTION,
        "aws s3api get-bucket-policy --bucket <bucket> --query Policy --output text",
        "aws s3api get-public-access-block --bucket <bucket>",
        "aws s3api get-bucket-encryption --bucket <bucket>",
        "aws kms get-key-policy --key-id <key-arn> --policy-name default --query Policy --output text",
    ),
)
