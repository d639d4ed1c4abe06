"""Stories about a static site that its distribution does not deliver."""

from collections.abc import Callable, Mapping
from typing import Any

from remediator.core.text import Text

from .. import names
from ..acts import APPROVED, refuse
from ..cloudfront.site import ADMITS, TLS_ONLY, policy
from ..cloudwatch import alarms
from ..laptop import Act
from ..world import World
from . import Ending, Scenario

POLICY = "cloudfront_not_delivering.bucket_policy"
ORIGIN = "cloudfront_not_delivering.distribution_origin"
STALE = "cloudfront_not_delivering.stale_cache"
OF_ANOTHER = {
    **ADMITS,
    "Condition": {"StringEquals": {"AWS:SourceArn": f"arn:aws:cloudfront::{names.ACCOUNT}:distribution/E1REPLACED"}},
}
FROM_A_VPC = {
    "Sid": "OnlyFromOurVpc",
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": f"arn:aws:s3:::{names.BUCKET}/*",
    "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}},
}
OWN_KEY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Owner",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{names.ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def _watched(world: World) -> None:
    world.around.watch(alarms.site_failing())
    world.around.site.forget()


def _admits(*statements: Mapping[str, Any]) -> Callable[[World], None]:
    """The bucket's policy is these statements from now on."""

    def begin(world: World) -> None:
        _watched(world)
        world.someone("s3", "put_bucket_policy", Bucket=names.BUCKET, Policy=policy(*statements))

    return begin


def _untagged(world: World) -> None:
    _admits(TLS_ONLY, OF_ANOTHER)(world)
    world.someone("s3", "delete_bucket_tagging", Bucket=names.BUCKET)


def _no_policy(world: World) -> None:
    _watched(world)
    world.someone("s3", "delete_bucket_policy", Bucket=names.BUCKET)


def _encrypted(world: World) -> None:
    """Someone turned on encryption with a key of which CloudFront knows nothing."""
    _watched(world)
    with world.behind_the_scenes():
        kms = world.client("kms")
        key = kms.create_key(Description="site", Policy=_text(OWN_KEY))["KeyMetadata"]["Arn"]
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    rules = {"Rules": [default]}
    world.someone("s3", "put_bucket_encryption", Bucket=names.BUCKET, ServerSideEncryptionConfiguration=rules)


def _text(document: Mapping[str, Any]) -> str:
    return policy(*document["Statement"])


def _set(**changes: Any) -> Callable[[World], None]:
    def begin(world: World) -> None:
        _watched(world)
        world.around.site.set(**changes)

    return begin


def _deploying(world: World) -> None:
    """The site moved; the distribution that points there is still being deployed."""
    _watched(world)
    world.around.site.set(origin_path="/old")
    world.around.site.set(origin_path="", deploys_in_s=900)


def _policy_while_deploying(world: World) -> None:
    _admits(TLS_ONLY)(world)
    world.around.site.set(error_ttl_s=20, deploys_in_s=420)


def _policy_and_kept_errors(world: World) -> None:
    _admits(TLS_ONLY)(world)
    world.around.site.set(error_ttl_s=300)


def _new_release(world: World) -> None:
    """Every file is new and the old script is gone; the edge keeps the old page, which asks for it."""
    _watched(world)
    site = world.around.site
    site.look(world.clock.now())
    site.copies.pop("/assets/app.1.js", None)
    site.put("assets/app.2.js", "", world.clock.now())
    site.put("index.html", "assets/app.2.js", world.clock.now())
    site.remove("assets/app.1.js")


def _kept_error(world: World) -> None:
    """A page was missing for a moment, and errors are cached for an hour."""
    _watched(world)
    site = world.around.site
    site.set(error_ttl_s=3600)
    site.remove("about.html")
    site.look(world.clock.now())
    site.put("about.html", "", world.clock.now())


SCENARIOS = (
    Scenario(
        name="policy-lost",
        title=Text("The bucket policy was overwritten", "バケットポリシーが上書きされた"),
        shows=Text(
            "the one missing statement is added after approval; all others stay as they are",
            "承認後に不足していたステートメントだけを追加し、他はそのまま残す",
        ),
        begin=_admits(TLS_ONLY),
        acts=APPROVED,
        expected=Ending(cause=POLICY, action="admit_distribution", verdict="fixed"),
    ),
    Scenario(
        name="policy-of-another-distribution",
        title=Text(
            "The policy names a distribution that was replaced", "置き換え前のディストリビューションを許可したまま"
        ),
        shows=Text("asked, and refused by a person: nothing is changed", "承認を求めたが却下され、変更しない"),
        begin=_admits(TLS_ONLY, OF_ANOTHER),
        acts=(Act(after_question_s=120, do=refuse),),
        expected=Ending(cause=POLICY, action="held back", verdict="not_fixed", refusal="refuse"),
    ),
    Scenario(
        name="policy-deleted",
        title=Text("The bucket has no policy any more", "バケットポリシーが削除された"),
        shows=Text(
            "a policy with the one statement, after approval", "承認後に、1 つのステートメントだけのポリシーを作成"
        ),
        begin=_no_policy,
        acts=APPROVED,
        expected=Ending(cause=POLICY, action="admit_distribution", verdict="fixed"),
    ),
    Scenario(
        name="bucket-untagged",
        title=Text("The bucket has not opted in", "バケットがオプトインされていない"),
        shows=Text("told with the statement that is missing", "不足しているステートメントを知らせる"),
        begin=_untagged,
        expected=Ending(cause=POLICY, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="explicit-deny",
        title=Text("A Deny keeps CloudFront out", "Deny が CloudFront を拒否"),
        shows=Text("a Deny is never changed; it is named", "Deny は変更せず、該当箇所を示す"),
        begin=_admits(TLS_ONLY, ADMITS, FROM_A_VPC),
        expected=Ending(cause=POLICY, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="key-policy",
        title=Text("The key's policy does not know CloudFront", "キーポリシーで CloudFront が許可されていない"),
        shows=Text("key policies are never changed; the statement is told", "キーポリシーは変更せず、必要な内容を示す"),
        begin=_encrypted,
        expected=Ending(cause=POLICY, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="wrong-origin-path",
        title=Text("The origin path leads nowhere", "オリジンパスの誤り"),
        shows=Text(
            "S3 answers 403 for missing keys, which looks like the policy; the path is the cause",
            "S3 は存在しないキーにも 403 を返すためポリシーの問題に見えるが、原因はパス",
        ),
        begin=_set(origin_path="/public"),
        looks_like=POLICY,
        expected=Ending(cause=ORIGIN, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="no-bucket",
        title=Text("The origin names a bucket that does not exist", "存在しないバケットをオリジンに指定"),
        shows=Text("told with the setting", "該当する設定を知らせる"),
        begin=_set(bucket="portfolio-site-old"),
        expected=Ending(cause=ORIGIN, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="still-deploying",
        title=Text("A change is still being deployed", "変更のデプロイ中"),
        shows=Text("looked at again until it is deployed", "デプロイが完了するまで再確認する"),
        begin=_deploying,
        expected=Ending(cause=ORIGIN, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="policy-while-deploying",
        title=Text(
            "A deployment is under way, and the policy was overwritten", "デプロイ中だが、ポリシーも上書きされている"
        ),
        shows=Text("looks like the deployment; the policy is the cause", "デプロイが原因に見えるが、原因はポリシー"),
        begin=_policy_while_deploying,
        acts=APPROVED,
        looks_like=ORIGIN,
        expected=Ending(cause=POLICY, action="admit_distribution", verdict="fixed"),
    ),
    Scenario(
        name="old-page-kept",
        title=Text("The edge keeps the page of the last release", "前のリリースのページがキャッシュに残る"),
        shows=Text(
            "the stale paths are invalidated by name; proved by the page and the error rate",
            "古いパスだけを無効化し、ページの応答とエラー率で確認する",
        ),
        begin=_new_release,
        expected=Ending(cause=STALE, action="invalidate", verdict="fixed"),
    ),
    Scenario(
        name="error-kept",
        title=Text("An error is cached although the page is there again", "復旧後もエラーがキャッシュに残る"),
        shows=Text("the one path is invalidated", "該当パスだけを無効化する"),
        begin=_kept_error,
        expected=Ending(cause=STALE, action="invalidate", verdict="fixed"),
    ),
    Scenario(
        name="errors-kept-and-policy-lost",
        title=Text(
            "Errors are cached, and the policy was overwritten", "エラーがキャッシュされ、ポリシーも上書きされている"
        ),
        shows=Text("looks like a stale cache; the policy is the cause", "キャッシュが原因に見えるが、原因はポリシー"),
        begin=_policy_and_kept_errors,
        acts=APPROVED,
        looks_like=STALE,
        expected=Ending(cause=POLICY, action="admit_distribution", verdict="fixed"),
    ),
)
