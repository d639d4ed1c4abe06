"""Row `cloudfront_not_delivering.stale_cache`.

The origin would deliver, and the edge still answers with an error or with an older copy.
"""

from dataclasses import dataclass

from ...core.evidence import Unchecked
from ...core.model import Fact, Resource
from ...core.plan import Call, Decision, Plan, Watch
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.cloudfront import readers as cloudfront_readers
from ...resources.cloudfront.model import Distribution, EdgeAnswer, path_of
from ...resources.s3.model import StoredObject
from .evidence import Evidence
from .facts import FIRST_ERROR, ID, OK, SHOWN, current_values, origin_fine

CACHED_LONG_S = 60  # an error that is cached for longer outlives its cause noticeably; by default it is 10 s


NEWER_BY_S = 1  # HTTP dates have whole seconds
COPIES_ONLY = Text(
    "an invalidation only drops cached copies: the next request fetches them anew",
    "無効化はキャッシュのコピーを破棄するだけで、次のリクエスト時に再取得されるためです",
)
EVERYTHING = "/*"
PATHS_AT_MOST = 15  # guide, row stale_cache
INVALIDATES_WITHIN_S = 900
TELLING = 4  # so many stale paths and not one fresh: what was not asked for is stale too
INVALIDATING = Text(
    "an invalidation of these paths is under way already",
    "これらのパスの無効化はすでに進行中です",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A path whose cached answer is an error or is older than its object."""

    answer: EdgeAnswer
    object: StoredObject


def stale(e: Evidence) -> tuple[Stale, ...]:
    """Every path that was asked for, has an object, and is answered by a stale copy."""
    distribution, contents = e.distribution.get(), e.contents.get()
    stored = {o.key: o for o in (*contents.objects, *((contents.root,) if contents.root else ()))}
    found = [(a, stored[a.key]) for a in e.answers.get() if a.key in stored]
    return tuple(Stale(answer=a, object=o) for a, o in found if _error_kept(a, distribution) or _older(a, o))


def _error_kept(answer: EdgeAnswer, distribution: Distribution) -> bool:
    cached = (answer.age_s or 0) > 0 or answer.cache.lower().startswith("hit")
    return answer.status >= FIRST_ERROR and (cached or distribution.ttl_of(answer.status) > CACHED_LONG_S)


def _older(answer: EdgeAnswer, stored: StoredObject) -> bool:
    if answer.status != OK or not answer.modified_at or not answer.cache.lower().startswith("hit"):
        return False
    newer = seconds_between(answer.modified_at, stored.modified_at) > NEWER_BY_S
    return newer and (not answer.etag or answer.etag != stored.etag)


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


def stale_facts(e: Evidence, found: tuple[Stale, ...]) -> tuple[Fact, ...]:
    """Each path: what is cached, and the object behind it."""
    label = Text("cached answer / object written", "キャッシュの応答 / オブジェクトの更新時刻")
    return tuple(
        e.answers.fact(
            label,
            f"{s.answer.path}: HTTP {s.answer.status}, {s.answer.cache or '-'}, {s.answer.modified_at or '-'} / "
            f"{s.object.modified_at}",
        )
        for s in found[:SHOWN]
    )


def holds(e: Evidence, _: Setting) -> Finding:
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


@writes(
    Permission("cloudfront:CreateInvalidation", cloudfront_readers.DISTRIBUTION_ARN),
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
    before = current_values(e)["invalidations"]
    reference = f"remediator-{setting.incident}"
    distribution = e.distribution.get().arn
    return plan_invalidation(distribution, paths, reference, before, f"{ID}.stale_cache", ID)


def _paths(e: Evidence) -> tuple[str, ...]:
    """The stale paths; the root is cached under its own path and under its object's."""
    prefix = e.distribution.get().origin.prefix
    found = stale(e)
    both = {p for s in found for p in (s.answer.path, path_of(s.object.key, prefix))}
    return tuple(sorted(both))[:PATHS_AT_MOST]


CAUSE = Cause(
    id="stale_cache",
    title=Text("stale copy or cached error", "古いキャッシュ / キャッシュされたエラー"),
    holds=holds,
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
