"""Why a distribution does not deliver: what the policy says, which settings cannot work, which copies are stale. Pure."""

from dataclasses import dataclass
from typing import Protocol

from . import policy_words
from .bucket_policy import Admission, judge
from .clocks import seconds_between
from .delivery_faults import (
    ACCESS_GONE,
    ACCESS_TYPE,
    CUSTOM_FAILS,
    DISABLED,
    EMPTY,
    NO_BUCKET,
    NO_ROOT,
    OTHER_PATH,
    OTHER_REGION,
    ROOT_UNSET,
    WEBSITE_HTTPS,
)
from .distribution import (
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
    StoredObject,
    origin_read,
)
from .evidence import Reading, Unchecked
from .origin_read import OriginRead
from .service_view import Stack
from .text import Text

OK, FIRST_ERROR, SERVER_ERROR = 200, 400, 500
CALM_PCT = 5.0  # the stack's own alarms: more than 5 % of the requests fail
DEPLOYED_LATELY_S = 3600  # guide, emergency flow: what was changed in the hour before
CACHED_LONG_S = 60  # an error that is cached for longer outlives its cause noticeably; by default it is 10 s
NEWER_BY_S = 1  # HTTP dates have whole seconds


class DeliveryEvidence(Protocol):
    """Evidence about one distribution and the bucket behind it."""

    @property
    def distribution(self) -> Reading[Distribution]:
        """As it is set."""

    @property
    def access(self) -> Reading[OriginAccess]:
        """How it signs."""

    @property
    def bucket(self) -> Reading[Bucket]:
        """Behind its origin."""

    @property
    def policy(self) -> Reading[BucketPolicy]:
        """Of the bucket."""

    @property
    def public_blocked(self) -> Reading[bool]:
        """RestrictPublicBuckets of the bucket."""

    @property
    def encryption(self) -> Reading[Encryption]:
        """Of new objects."""

    @property
    def key_policy(self) -> Reading[KeyPolicy]:
        """Of the key."""

    @property
    def contents(self) -> Reading[Contents]:
        """Of the bucket."""

    @property
    def answers(self) -> Reading[tuple[EdgeAnswer, ...]]:
        """Of the distribution."""

    @property
    def rates(self) -> Reading[ErrorRates]:
        """Over the last minutes."""

    @property
    def invalidations(self) -> Reading[tuple[Invalidation, ...]]:
        """The newest."""

    @property
    def stack(self) -> Reading[Stack]:
        """Who would overwrite a change."""


# -- who may read ------------------------------------------------------------------------------------------------------


def read_of(e: DeliveryEvidence, key_arn: str = "") -> OriginRead:
    """Who reads, as the policy of the bucket (or of the key) sees it."""
    distribution, access = e.distribution.get(), e.access.get()
    account = distribution.arn.split(":")[4]
    return origin_read(distribution, access, account, public_blocked=e.public_blocked.or_none(), key_arn=key_arn)


def admission(e: DeliveryEvidence) -> Admission:
    """What the bucket policy says of the distribution's reads."""
    return judge(e.policy.get().text, read_of(e))


def key_admission(e: DeliveryEvidence) -> Admission | None:
    """What the key's policy says of them; None where the bucket uses no key of KMS.

    Source: AWS, CloudFront Developer Guide: with SSE-KMS the key's policy must admit the service on behalf of the
    distribution; AWS's own key aws/s3 cannot be given to it, and an origin access identity cannot decrypt.
    """
    key = e.key_policy.get()
    if not key.arn:
        return None
    read = read_of(e, key.arn)
    if key.manager == "AWS":
        return Admission(word="denies", why=policy_words.AWS_KEY, access=read.access)
    if read.access != "oac":
        return Admission(word="denies", why=policy_words.KEY_NEEDS_OAC, access=read.access)
    return judge(key.text, read)


def refused(e: DeliveryEvidence) -> bool:
    """Whether the distribution answered 403 where an object is."""
    return any(a.status == 403 and a.key for a in e.answers.or_none() or ())  # Forbidden


def fetched(e: DeliveryEvidence) -> EdgeAnswer | None:
    """An answer that the distribution has just got from its origin: nothing keeps it out."""
    answers = e.answers.or_none() or ()
    return next((a for a in answers if a.status == OK and a.cache.lower().startswith(("miss", "refreshhit"))), None)


# -- settings that cannot work -----------------------------------------------------------------------------------------


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


def faults(e: DeliveryEvidence) -> tuple[Fault, ...]:
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


def _custom_faults(e: DeliveryEvidence, distribution: Distribution) -> tuple[Fault, ...]:
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


def _access_faults(e: DeliveryEvidence, distribution: Distribution) -> tuple[Fault, ...]:
    access, origin = e.access.get(), distribution.origin
    if access.gone:
        return (Fault(what=ACCESS_GONE, setting="Origins.OriginAccessControlId", now=origin.oac or origin.oai),)
    if access.origin_type and access.origin_type != "s3":
        return (Fault(what=ACCESS_TYPE, setting="OriginAccessControlOriginType", now=access.origin_type, wanted="s3"),)
    return ()


def _content_faults(e: DeliveryEvidence, distribution: Distribution) -> tuple[Fault, ...]:
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


def _root_fails(e: DeliveryEvidence) -> bool:
    """The root answers an error although some other path is delivered: it is about the root alone."""
    answers = e.answers.or_none() or ()
    root = any(a.path == "/" and a.status >= FIRST_ERROR for a in answers)
    return root and any(a.path != "/" and a.status == OK for a in answers)


def being_deployed(e: DeliveryEvidence, now: str) -> bool:
    """Whether a change is on its way to the edges, or has just arrived there and only the error rate still tells of before.

    Errors that go on after it are not laid to it.
    """
    told = e.distribution.get()
    if told.status != "Deployed":
        return True
    lately = seconds_between(told.modified_at, now) < DEPLOYED_LATELY_S
    known = [a for a in e.answers.or_none() or () if a.key]
    rates = e.rates.or_none()
    failed = rates is not None and any(r.pct > CALM_PCT for r in (*rates.client, *rates.server))
    return lately and failed and bool(known) and all(a.status == OK for a in known)


# -- stale copies ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """A path whose cached answer is an error or is older than its object."""

    answer: EdgeAnswer
    object: StoredObject


def stale(e: DeliveryEvidence) -> tuple[Stale, ...]:
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


def origin_fine(e: DeliveryEvidence) -> bool:
    """Whether a fetch would succeed now: enabled, deployed, admitted by bucket and key.

    Raises:
        Unchecked: a policy that is not understood.
    """
    distribution = e.distribution.get()
    if distribution.origin.kind == "custom" or not distribution.enabled or distribution.status != "Deployed":
        return False
    said = [a for a in (admission(e), key_admission(e)) if a is not None]
    if unclear := next((a for a in said if a.word == "cannot_tell"), None):
        raise Unchecked(unclear.why.en)
    return all(a.word == "admits" for a in said)
