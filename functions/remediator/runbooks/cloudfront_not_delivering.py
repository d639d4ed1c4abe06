"""A CloudFront distribution does not deliver what is in its bucket.

Guide: S3 and CloudFront: bucket policy, settings of the distribution, cached answers.
May change: the bucket's policy by one statement bound to this one distribution (always asked); cached copies of at most
15 named paths (all of them only after a person approved).
Never: other statements, a Deny, the public access block, key policies, the distribution's settings, objects.
"""

from dataclasses import dataclass

from ..aws.evidence import cloudfront, s3, surroundings
from ..core.bucket_policy import Admission, judge, merged, missing_statement
from ..core.delivery import (
    admission,
    being_deployed,
    faults,
    fetched,
    key_admission,
    origin_fine,
    read_of,
    refused,
    stale,
)
from ..core.delivery_advice import (
    ADVICE_DISTRIBUTION_ORIGIN,
    DENIES,
    DEPLOYING,
    DOES_NOT_FIT,
    INVALIDATING,
    KEY,
    KEY_NOT_GIVEN,
    LOOK_AT_DISTRIBUTION,
    NOT_OPTED_IN,
    SECRET,
    UNSIGNED,
    look_at,
    look_at_key,
    look_at_policy,
    tell_faults,
    tell_missing,
)
from ..core.delivery_verdict import judge as delivered
from ..core.delivery_view import about, fault_facts, image, key_facts, mode, policy_facts, stack, stale_facts
from ..core.distribution import (
    Bucket,
    BucketPolicy,
    Contents,
    Distribution,
    EdgeAnswer,
    Encryption,
    ErrorRates,
    Invalidation,
    KeyPolicy,
    OriginAccess,
    path_of,
)
from ..core.edge import Permission
from ..core.evidence import Reading, Unchecked, reading
from ..core.fixes.delivery import EVERYTHING, plan_invalidation, plan_statement
from ..core.gates import mode_from
from ..core.model import Advise, Decision, Watch
from ..core.runbook import Cause, Finding, Holds, RuledOut, Runbook, Setting, writes
from ..core.service_view import Stack
from ..core.text import Text
from ..core.triggers import alarm_on

ID = "cloudfront_not_delivering"
PATHS_AT_MOST = 15  # guide, row stale_cache
DEPLOYS_WITHIN_S = 1800  # most deployments take minutes; one that takes longer is for a person. Ours, not AWS's
INVALIDATES_WITHIN_S = 900
TELLING = 4  # so many stale paths and not one fresh: what was not asked for is stale too


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is read before the diagnosis."""

    distribution: Reading[Distribution] = reading(cloudfront.distribution, recheck=True)
    rates: Reading[ErrorRates] = reading(cloudfront.error_rates)
    invalidations: Reading[tuple[Invalidation, ...]] = reading(cloudfront.invalidations, recheck=True)
    stack: Reading[Stack] = reading(surroundings.stack)
    access: Reading[OriginAccess] = reading(cloudfront.origin_access, after=("distribution",), recheck=True)
    bucket: Reading[Bucket] = reading(s3.bucket, after=("distribution",), recheck=True)
    policy: Reading[BucketPolicy] = reading(s3.bucket_policy, after=("bucket",), recheck=True)
    public_blocked: Reading[bool] = reading(s3.public_blocked, after=("bucket",))
    encryption: Reading[Encryption] = reading(s3.encryption, after=("bucket",))
    key_policy: Reading[KeyPolicy] = reading(s3.key_policy, after=("encryption",))
    contents: Reading[Contents] = reading(s3.contents, after=("distribution", "bucket"), recheck=True)
    answers: Reading[tuple[EdgeAnswer, ...]] = reading(
        cloudfront.answers, after=("distribution", "contents"), recheck=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What is read to prove a fix: what the distribution answers, and the rate of errors that CloudWatch counts."""

    distribution: Reading[Distribution] = reading(cloudfront.distribution)
    rates: Reading[ErrorRates] = reading(cloudfront.error_rates)
    bucket: Reading[Bucket] = reading(s3.bucket, after=("distribution",))
    contents: Reading[Contents] = reading(s3.contents, after=("distribution", "bucket"))
    answers: Reading[tuple[EdgeAnswer, ...]] = reading(cloudfront.answers, after=("distribution", "contents"))


# -- causes ------------------------------------------------------------------------------------------------------------


def bucket_policy(e: Evidence, _: Setting) -> Finding:
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


def distribution_origin(e: Evidence, setting: Setting) -> Finding:
    """A setting of the distribution or its origin leads nowhere, or a change of it is still being deployed."""
    found = faults(e)
    if found:
        return Holds(fault_facts(e, found))
    if being_deployed(e, setting.now):
        told = e.distribution.get()
        label = Text("status / last changed", "ステータス / 最終変更")
        return Holds((e.distribution.fact(label, f"{told.status} / {told.modified_at}"),), weight=0.5)
    return RuledOut(
        Text(
            "enabled and deployed; origin, region, path and default root object fit the bucket",
            "有効かつデプロイ済みで、オリジン・リージョン・パス・デフォルトルートオブジェクトはバケットと整合しています",
        )
    )


def stale_cache(e: Evidence, _: Setting) -> Finding:
    """The origin would deliver, and the edge still answers with an error or with an older copy."""
    if not origin_fine(e):
        return RuledOut(
            Text(
                "a fetch from the origin would not succeed either",
                "キャッシュ以前に、オリジンからの取得自体が成功しない状態です",
            )
        )
    if not e.answers.get():
        raise Unchecked("no path could be asked for: none is known, or the distribution lets no plain GET in")
    found = stale(e)
    if not found:
        return RuledOut(
            Text(
                "no path that was asked for is answered by an old copy or a cached error",
                "確認したパスに、古いコピーやキャッシュされたエラーはありません",
            )
        )
    return Holds(stale_facts(e, found), weight=2)


# -- fixes -------------------------------------------------------------------------------------------------------------


@writes(
    Permission("s3:PutBucketPolicy", s3.BUCKET_ARN),
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
    if mode_from(e.bucket.get().tags.get("auto-remediation")) not in ("approve", "auto"):
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


@writes(
    does=Text(
        "waits for a deployment, else tells the diff of the config",
        "デプロイ完了を待つ。それ以外は設定の差分を知らせる",
    )
)
def tell_settings(e: Evidence, _: Setting) -> Decision:
    """What is wrong and the value that fits; a deployment that is under way is waited for."""
    found = faults(e)
    if not found:
        return Watch(DEPLOYING, DEPLOYS_WITHIN_S)
    return tell_faults(e.distribution.get(), found)


@writes(
    Permission("cloudfront:CreateInvalidation", cloudfront.DISTRIBUTION_ARN),
    does=Text(
        "invalidates the named stale paths (asks where everything seems stale)",
        "古いパスを指定して無効化（全体が古いとみられる場合は承認を求める）",
    ),
)
def invalidate(e: Evidence, setting: Setting) -> Decision:
    """Drops the copies of the paths whose object was seen to exist and to differ from what is cached."""
    found = stale(e)
    paths = _paths(e)
    running = {p for i in e.invalidations.get() if i.in_progress for p in i.paths}
    if EVERYTHING in running or set(paths) <= running:
        return Watch(INVALIDATING, INVALIDATES_WITHIN_S)
    known = [a for a in e.answers.get() if a.key]
    beyond = e.contents.get().listed > len(known)
    if len(found) >= TELLING and len(found) == len(known) and beyond:
        paths = (EVERYTHING,)
    before = image(e)["invalidations"]
    reference = f"remediator-{setting.incident}"
    distribution = e.distribution.get().arn
    return plan_invalidation(distribution, paths, reference, before, f"{ID}.stale_cache", ID)


def _paths(e: Evidence) -> tuple[str, ...]:
    """The stale paths; the root is cached under its own path and under its object's."""
    prefix = e.distribution.get().origin.prefix
    found = stale(e)
    both = {p for s in found for p in (s.answer.path, path_of(s.object.key, prefix))}
    return tuple(sorted(both))[:PATHS_AT_MOST]


BUCKET_POLICY_ROW = Cause(
    id="bucket_policy",
    title=Text("bucket policy does not admit the distribution", "バケットポリシーが許可していない"),
    holds=bucket_policy,
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

DISTRIBUTION_ORIGIN_ROW = Cause(
    id="distribution_origin",
    title=Text("distribution or origin set wrongly", "ディストリビューション / オリジンの設定の誤り"),
    holds=distribution_origin,
    fixes=(tell_settings,),
    advice=ADVICE_DISTRIBUTION_ORIGIN,
    confirm=Text(
        "The policy admits the distribution, yet a setting leads nowhere: another bucket, region or origin path, a "
        "default root object that is not there, a distribution that is disabled or still being deployed.",
        "ポリシーは許可していますが、設定が誤っています。バケット名・リージョン・オリジンパスの誤り、存在しない"
        "デフォルトルートオブジェクト、無効またはデプロイ中のディストリビューションなどです。",
    ),
    look=(
        "aws cloudfront get-distribution --id <distribution-id>",
        "aws s3api get-bucket-location --bucket <bucket>",
        "aws s3api list-objects-v2 --bucket <bucket> --prefix <origin-path>/ --max-items 20",
    ),
)

STALE_CACHE_ROW = Cause(
    id="stale_cache",
    title=Text("stale copy or cached error", "古いキャッシュ / キャッシュされたエラー"),
    holds=stale_cache,
    fixes=(invalidate,),
    advice=Text(
        "Invalidate the paths that are out of date, and shorten the error caching TTL where errors stay for long.",
        "古いパスを無効化してください。エラーが長く残る場合は、エラーキャッシュの TTL を短くしてください。",
    ),
    confirm=Text(
        "The object is in the bucket and may be read, while CloudFront's own answer is an error from its cache (Age, "
        "X-Cache) or carries an older Last-Modified and another ETag than the object.",
        "オブジェクトは存在し読み取り可能ですが、CloudFront の応答はキャッシュされたエラー（Age、X-Cache）か、"
        "オブジェクトより古い Last-Modified と異なる ETag を持っています。",
    ),
    look=(
        "curl -sI https://<distribution-domain>/<path>",
        "aws s3api head-object --bucket <bucket> --key <key>",
        "aws cloudfront list-invalidations --distribution-id <distribution-id> --max-items 5",
    ),
)

TRIGGERS = (
    alarm_on(
        "AWS/CloudFront",
        "4xxErrorRate",
        "5xxErrorRate",
        "TotalErrorRate",
        *(f"{code}ErrorRate" for code in (401, 403, 404, 502, 503, 504)),
        "OriginLatency",
    ),
)
RUNBOOK = Runbook(
    id=ID,
    title=Text("CloudFront does not deliver", "CloudFront でコンテンツが配信されない"),
    symptom=Text("requests to the distribution fail", "ディストリビューションへのリクエストが失敗している"),
    guide="S3 + CloudFront: content is not delivered",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(BUCKET_POLICY_ROW, DISTRIBUTION_ORIGIN_ROW, STALE_CACHE_ROW),
    outcome=After,
    judge=delivered,
    mode=mode,
    image=image,
    about=about,
    stack=stack,
)
