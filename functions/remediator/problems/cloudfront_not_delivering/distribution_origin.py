"""Row `cloudfront_not_delivering.distribution_origin`.

A setting of the distribution or its origin leads nowhere, or a change of it is still being deployed.
"""

from dataclasses import dataclass

from ...core.model import Fact
from ...core.plan import Advise, Decision, Watch
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.cloudfront.model import Distribution
from ...resources.s3.model import Bucket
from .evidence import Evidence
from .facts import CALM_PCT, FIRST_ERROR, OK, look_at, refusal_facts

DISABLED = Text("the distribution is disabled", "ディストリビューションが無効になっています")


NO_BUCKET = Text("the bucket that the origin names does not exist", "オリジンのバケットが存在しません")


CUSTOM_FAILS = Text("the origin does not answer", "オリジンが応答していません")


OTHER_REGION = Text(
    "the origin's domain names another region than the bucket's",
    "オリジンのドメイン名のリージョンがバケットのリージョンと異なります",
)


WEBSITE_HTTPS = Text(
    "the origin is a website endpoint, which speaks HTTP only",
    "オリジンはウェブサイトエンドポイントで、HTTP しか受け付けません",
)


ACCESS_GONE = Text(
    "the origin access that the distribution names does not exist",
    "ディストリビューションが参照するオリジンアクセス設定が存在しません",
)


ACCESS_TYPE = Text(
    "the origin access control is made for another kind of origin",
    "オリジンアクセスコントロールの対象種別が S3 ではありません",
)


EMPTY = Text("the bucket holds no object", "バケットにオブジェクトがありません")


OTHER_PATH = Text(
    "no object lies under the origin path, although the bucket holds some",
    "バケットにオブジェクトはありますが、オリジンパスの下にはありません",
)


NO_ROOT = Text("the default root object does not exist", "デフォルトルートオブジェクトが存在しません")


ROOT_UNSET = Text(
    "no default root object is set, and the root answers an error",
    "デフォルトルートオブジェクトが未設定で、ルートへのアクセスがエラーになっています",
)


DEPLOYED_LATELY_S = 3600  # guide, emergency flow: what was changed in the hour before
ADVICE = Text(
    "Correct the setting of the distribution or of its origin; a deployment takes a few minutes to reach every edge.",
    "ディストリビューションまたはオリジンの設定を修正してください。全エッジへの反映には数分かかります。",
)
DEPLOYING = Text(
    "a change of the distribution is still being deployed; it is looked at again",
    "ディストリビューションの変更がデプロイ中です。完了後に再確認します",
)
DEPLOYS_WITHIN_S = 1800  # most deployments take minutes; one that takes longer is for a person. Ours, not AWS's


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One setting that cannot work.

    Attributes:
        what: in words.
        setting: its name in the distribution's config.
        now, wanted: the diff; `wanted` is empty where only a person knows.
    """

    what: Text
    setting: str
    now: str
    wanted: str = ""


def faults(e: Evidence) -> tuple[Fault, ...]:
    """Settings of the distribution and its origin that cannot work, the most telling first."""
    distribution = e.distribution.get()
    if not distribution.enabled:
        return (Fault(what=DISABLED, setting="Enabled", now="false", wanted="true"),)
    if distribution.origin.kind == "custom":
        return _custom_faults(e, distribution)
    bucket = e.bucket.get()
    if not bucket.exists:
        return (Fault(what=NO_BUCKET, setting="Origins.DomainName", now=distribution.origin.domain),)
    return (*_domain_faults(distribution, bucket), *_access_faults(e, distribution), *_content_faults(e, distribution))


def _custom_faults(e: Evidence, distribution: Distribution) -> tuple[Fault, ...]:
    failing = next((a for a in e.answers.get() if a.status in (502, 503, 504)), None)
    if failing is None:
        return ()
    origin = distribution.origin
    return (Fault(what=CUSTOM_FAILS, setting="Origins.DomainName", now=f"{origin.domain} ({origin.protocol})"),)


def _domain_faults(distribution: Distribution, bucket: Bucket) -> tuple[Fault, ...]:
    origin, found = distribution.origin, []
    if origin.region and bucket.region and origin.region != bucket.region:
        wanted = origin.domain.replace(origin.region, bucket.region)
        found.append(Fault(what=OTHER_REGION, setting="Origins.DomainName", now=origin.domain, wanted=wanted))
    if origin.kind == "website" and origin.protocol == "https-only":
        found.append(
            Fault(
                what=WEBSITE_HTTPS,
                setting="Origins.CustomOriginConfig.OriginProtocolPolicy",
                now="https-only",
                wanted="http-only",
            )
        )
    return tuple(found)


def _access_faults(e: Evidence, distribution: Distribution) -> tuple[Fault, ...]:
    access, origin = e.access.get(), distribution.origin
    if access.gone:
        return (Fault(what=ACCESS_GONE, setting="Origins.OriginAccessControlId", now=origin.oac or origin.oai),)
    if access.origin_type and access.origin_type != "s3":
        return (Fault(what=ACCESS_TYPE, setting="OriginAccessControlOriginType", now=access.origin_type, wanted="s3"),)
    return ()


def _content_faults(e: Evidence, distribution: Distribution) -> tuple[Fault, ...]:
    contents, origin = e.contents.get(), distribution.origin
    if not contents.elsewhere:
        return (Fault(what=EMPTY, setting="bucket", now=origin.bucket),)
    if not contents.objects:
        return (Fault(what=OTHER_PATH, setting="Origins.OriginPath", now=origin.path),)
    root = distribution.root_object
    if root and contents.root is None:
        unslashed = root.lstrip("/")
        there = unslashed != root and any(o.key == origin.prefix + unslashed for o in contents.objects)
        return (Fault(what=NO_ROOT, setting="DefaultRootObject", now=root, wanted=unslashed if there else ""),)
    if not root and origin.kind == "bucket" and _root_fails(e):
        index = any(o.key == f"{origin.prefix}index.html" for o in contents.objects)
        return (Fault(what=ROOT_UNSET, setting="DefaultRootObject", now="", wanted="index.html" if index else ""),)
    return ()


def _root_fails(e: Evidence) -> bool:
    """The root answers an error although some other path is delivered: it is about the root alone."""
    answers = e.answers.or_none() or ()
    root = any(a.path == "/" and a.status >= FIRST_ERROR for a in answers)
    return root and any(a.path != "/" and a.status == OK for a in answers)


def being_deployed(e: Evidence, now: str) -> bool:
    """Whether a change is on its way to the edges, or has just arrived there and only the error rate still tells of before.

    Errors that go on after it are not laid to it.
    """
    found = e.distribution.get()
    if found.status != "Deployed":
        return True
    lately = seconds_between(found.modified_at, now) < DEPLOYED_LATELY_S
    known = [a for a in e.answers.or_none() or () if a.key]
    rates = e.rates.or_none()
    failed = rates is not None and any(r.pct > CALM_PCT for r in (*rates.client, *rates.server))
    return lately and failed and bool(known) and all(a.status == OK for a in known)


def fault_facts(e: Evidence, found: tuple[Fault, ...]) -> tuple[Fact, ...]:
    """Each setting with its value, and the right one where it is known."""
    shown = ((f.what, f"{f.setting}: {f.now or '-'}" + (f" -> {f.wanted}" if f.wanted else "")) for f in found)
    return (*(e.distribution.fact(label, value) for label, value in shown), *refusal_facts(e))


def tell_faults(distribution: Distribution, found: tuple[Fault, ...]) -> Advise:
    """The settings that are wrong, as a diff of the config."""
    diff = "; ".join(f"{f.setting}: {f.now or '-'} -> {f.wanted or '?'}" for f in found)
    return Advise(ADVICE + Text(f" ({diff})", f"（{diff}）"), (look_at(distribution),))


def holds(e: Evidence, setting: Setting) -> Finding:
    """A setting of the distribution or its origin leads nowhere, or a change of it is still being deployed."""
    found = faults(e)
    if found:
        return Holds(fault_facts(e, found))
    if being_deployed(e, setting.now):
        result = e.distribution.get()
        label = Text("status / last changed", "ステータス / 最終変更")
        return Holds((e.distribution.fact(label, f"{result.status} / {result.modified_at}"),), weight=0.5)
    return RuledOut(
        Text(
            "enabled and deployed; origin, region, path and default root object fit the bucket",
            "有効かつデプロイ済みで、オリジン・リージョン・パス・デフォルトルートオブジェクトはバケットと整合しています",
        )
    )


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


CAUSE = Cause(
    id="distribution_origin",
    title=Text("distribution or origin set wrongly", "ディストリビューション / オリジンの設定の誤り"),
    holds=holds,
    fixes=(tell_settings,),
    advice=ADVICE,
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
