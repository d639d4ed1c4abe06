"""What the tests of this problem share."""

import json
from dataclasses import replace

from remediator.core.runbook import Setting
from remediator.core.settings import Settings
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.cloudfront_not_delivering.facts import ID
from remediator.problems.cloudfront_not_delivering.runbook import RUNBOOK
from remediator.resources.cloudfront.model import Origin, OriginAccess
from remediator.resources.s3.model import Bucket, BucketPolicy, Encryption, KeyPolicy

from ...samples import NOW
from .samples import ADMITS, BUCKET, DENIES, TLS_ONLY, answer, contents, distribution, evidence, origin, policy, stored

SETTING = Setting(now=NOW, settings=Settings(), opened_at=NOW, incident="cloudfront-not-delivering-0123456789")


POLICY, ORIGIN, STALE = (f"{ID}.{row}" for row in ("bucket_policy", "distribution_origin", "stale_cache"))


LACKS = policy(TLS_ONLY)


KEPT = answer("/about.html", "about.html", 403, age_s=300)


ABOUT = stored("about.html")


NEWER = "2026-11-23T02:50:00.000Z"


OLD = answer(age_s=900)


KEY = KeyPolicy(
    arn="arn:aws:kms:ap-northeast-1:123456789012:key/1",
    manager="CUSTOMER",
    text=json.dumps(
        {
            "Statement": [
                {**ADMITS, "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
            ]
        }
    ),
)


def decision_on(e):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, SETTING), e, SETTING)


def kept_error(**changes):
    return evidence(contents=contents(stored(), ABOUT), answers=(answer(), KEPT), **changes)


def old_page(**changes):
    made = {"contents": contents(stored(modified_at=NEWER, etag="bb")), "answers": (OLD,), **changes}
    return evidence(**made)


CAUSES = {
    "no statement for it": (evidence(policy=LACKS), POLICY),
    "no policy": (evidence(policy=BucketPolicy()), POLICY),
    "an explicit deny": (evidence(policy=policy(ADMITS, DENIES)), POLICY),
    "a key that does not know it": (evidence(encryption=Encryption(algorithm="aws:kms"), key_policy=KEY), POLICY),
    "aws's own key": (evidence(key_policy=replace(KEY, manager="AWS")), POLICY),
    "a key behind an identity": (
        evidence(
            distribution=distribution(origin=origin(oac="", oai="E2OAIOAIOAI")),
            access=OriginAccess(),
            policy=policy({**ADMITS, "Principal": "*", "Condition": {}}),
            public_blocked=False,
            key_policy=KEY,
        ),
        POLICY,
    ),
    "requests without signature": (
        evidence(distribution=distribution(origin=origin(oac="")), access=OriginAccess()),
        POLICY,
    ),
    "a public policy that is blocked": (
        evidence(
            distribution=distribution(origin=origin(oac="")),
            access=OriginAccess(),
            policy=policy({**ADMITS, "Principal": "*", "Condition": {}}),
        ),
        POLICY,
    ),
    "a policy that lacks while a deployment is under way": (
        evidence(policy=LACKS, distribution=distribution(status="InProgress")),
        POLICY,
    ),
    "disabled": (evidence(distribution=distribution(enabled=False), answers=()), ORIGIN),
    "deploying": (evidence(distribution=distribution(status="InProgress"), answers=()), ORIGIN),
    "no such bucket": (
        evidence(bucket=Bucket(name=BUCKET, exists=False), policy=BucketPolicy(), contents=contents(elsewhere=False)),
        ORIGIN,
    ),
    "another region": (evidence(bucket=Bucket(name=BUCKET, region="eu-west-1")), ORIGIN),
    "another path": (
        evidence(distribution=distribution(origin=origin(path="/public")), contents=contents(objects=(), listed=0)),
        ORIGIN,
    ),
    "an empty bucket": (evidence(contents=contents(objects=(), root=None, elsewhere=False)), ORIGIN),
    "no root object there": (evidence(contents=contents(ABOUT)), ORIGIN),
    "no root object set": (
        evidence(
            distribution=distribution(root_object=""),
            contents=contents(stored(), root=None),
            answers=(answer(key="", status=403), answer("/index.html")),
        ),
        ORIGIN,
    ),
    "a root object with a slash": (
        evidence(distribution=distribution(root_object="/index.html"), contents=contents(stored(), root=None)),
        ORIGIN,
    ),
    "an access control that is gone": (evidence(access=OriginAccess(gone=True, signing="always")), ORIGIN),
    "an access control for something else": (
        evidence(access=OriginAccess(signing="always", origin_type="lambda")),
        ORIGIN,
    ),
    "a website endpoint over HTTPS": (
        evidence(
            distribution=distribution(
                origin=Origin(id="w", domain=f"{BUCKET}.s3-website-ap-northeast-1.amazonaws.com", protocol="https-only")
            ),
            policy=policy({**ADMITS, "Principal": "*", "Condition": {}}),
            public_blocked=False,
            answers=(answer(status=504),),
        ),
        ORIGIN,
    ),
    "an origin of another kind that fails": (
        evidence(
            distribution=distribution(origin=Origin(id="c", domain="api.example.com")), answers=(answer(status=502),)
        ),
        ORIGIN,
    ),
    "just deployed": (evidence(distribution=distribution(modified_at=NEWER), answers=(answer(),)), ORIGIN),
    "an error that is kept": (kept_error(), STALE),
    "an error that is kept for an hour": (
        evidence(distribution=distribution(error_ttl_s={"403": 3600})),
        STALE,
    ),
    "an older page": (old_page(), STALE),
    "nothing wrong": (evidence(answers=(answer(),)), None),
    "an error that a fetch would give again": (evidence(), None),
    "an origin of another kind that answers": (
        evidence(distribution=distribution(origin=Origin(id="c", domain="api.example.com")), answers=(answer(),)),
        None,
    ),
    "an older page with the same content": (old_page(contents=contents(stored(modified_at=NEWER))), None),
}
