import json
from dataclasses import replace

import pytest

from remediator.core.model import Advise, Change, Plan, Resource, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings
from remediator.core.timestamps import after
from remediator.incidents.assessment import was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems.cloudfront_not_delivering import RUNBOOK
from remediator.problems.cloudfront_not_delivering.evidence import Evidence
from remediator.problems.cloudfront_not_delivering.facts import ID, read_of
from remediator.resources.cloudfront.model import Invalidation, Origin, OriginAccess
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.s3.bucket_policy import judge as judge_policy
from remediator.resources.s3.model import Bucket, BucketPolicy, Encryption, KeyPolicy
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_delivery import (
    ADMITS,
    ARN,
    BUCKET,
    DENIES,
    TLS_ONLY,
    answer,
    contents,
    distribution,
    evidence,
    origin,
    outcome,
    policy,
    rates,
    stored,
)
from tests.runbooks.evidence_of_restarts import gap
from tests.samples import NOW

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


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def finding_of(e, row):
    diagnosis = diagnose(RUNBOOK, e, SETTING)
    for kind in ("held", "ruled_out", "unchecked"):
        if row in {c.cause for c in getattr(diagnosis, kind)}:
            return kind
    return None


def decision_on(e):
    return decide(RUNBOOK, diagnose(RUNBOOK, e, SETTING), e, SETTING)


def kept_error(**changes):
    return evidence(contents=contents(stored(), ABOUT), answers=(answer(), KEPT), **changes)


def old_page(**changes):
    made = {"contents": contents(stored(modified_at=NEWER, etag="bb")), "answers": (OLD,), **changes}
    return evidence(**made)


# -- trigger -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metric", "taken"),
    [
        ("4xxErrorRate", True),
        ("5xxErrorRate", True),
        ("403ErrorRate", True),
        ("OriginLatency", True),
        ("BytesDownloaded", False),
    ],
)
def test_alarms_on_errors_of_a_distribution_start_it(metric, taken):
    facts = {"namespace": "AWS/CloudFront", "metric": metric}
    signal = Signal(kind="alarm", resource=Resource("distribution", ARN), level="high", at=NOW, key="k", facts=facts)
    assert any(t.accepts(signal) for t in RUNBOOK.triggers) is taken


# -- causes ------------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(("e", "cause"), CAUSES.values(), ids=CAUSES)
def test_the_evidence_names_the_row(e, cause):
    assert cause_of(e) == cause
    assert from_json(Evidence, to_json(e)) == e


@pytest.mark.parametrize(
    ("e", "row"),
    [
        (evidence(policy=gap("s3:GetBucketPolicy is not allowed")), POLICY),
        (evidence(policy=policy({**ADMITS, "Condition": {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}})), POLICY),
        (evidence(key_policy=gap("kms:GetKeyPolicy is not allowed")), POLICY),
        (evidence(key_policy=replace(KEY, manager="AWS"), answers=()), POLICY),
        (
            evidence(
                key_policy=replace(
                    KEY,
                    text=json.dumps(
                        {
                            "Statement": [
                                {
                                    **ADMITS,
                                    "Action": "kms:Decrypt",
                                    "Resource": "*",
                                    "Condition": {"StringEquals": {"kms:ViaService": "s3"}},
                                }
                            ]
                        }
                    ),
                )
            ),
            POLICY,
        ),
        (evidence(distribution=distribution(origin=origin(oac="")), answers=()), POLICY),
        (evidence(contents=gap("s3:ListBucket is not allowed")), ORIGIN),
        (evidence(answers=()), STALE),
        (evidence(policy=policy({**ADMITS, "Condition": {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}})), STALE),
    ],
)
def test_what_is_not_known_is_left_open(e, row):
    assert finding_of(e, row) == "unchecked"


def test_what_the_origin_has_just_delivered_is_kept_out_by_nobody():
    fresh = answer("/about.html", "about.html", cache="Miss from cloudfront")
    assert finding_of(evidence(policy=LACKS, answers=(answer(status=403), fresh)), POLICY) == "ruled_out"


def test_a_stale_copy_is_no_cause_where_the_origin_itself_is_refused():
    assert finding_of(kept_error(policy=LACKS), STALE) == "ruled_out"


# -- fixes -------------------------------------------------------------------------------------------------------------


def test_the_missing_statement_is_asked_for_and_all_others_stay():
    e = evidence(policy=LACKS)
    plan = decision_on(e)
    assert isinstance(plan, Plan)
    (call,) = plan.calls
    put = json.loads(call.parameters["Policy"])
    assert put["Statement"][:-1] == [TLS_ONLY]
    assert put["Statement"][-1]["Condition"] == {"StringEquals": {"AWS:SourceArn": ARN}}
    assert judge_policy(call.parameters["Policy"], read_of(e)).word == "admits"
    assert (plan.response, plan.resource) == ("ask", Resource("bucket", f"arn:aws:s3:::{BUCKET}"))
    assert [c.parameters["Policy"] for c in plan.undo] == [LACKS.text]
    checked(operation(call.action).input_shape, call.parameters, call.action)
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


def test_an_identity_is_admitted_by_its_own_name():
    by_identity = distribution(origin=origin(oac="", oai="E2OAIOAIOAI"))
    plan = decision_on(evidence(policy=LACKS, distribution=by_identity, access=OriginAccess()))
    assert "Origin Access Identity E2OAIOAIOAI" in plan.title.en


def test_a_key_whose_policy_is_not_understood_is_told_without_a_command():
    torn = json.dumps({"Statement": {**ADMITS, "Action": "kms:Encrypt", "Resource": "*", "Sid": "S" * 21_000}})
    found = decision_on(evidence(key_policy=replace(KEY, text=torn)))
    assert len(found.commands) == 1
    hidden = KEY.text.replace("kms:*", "[redacted]")
    assert len(decision_on(evidence(key_policy=replace(KEY, text=hidden))).commands) == 1


def test_where_there_was_no_policy_the_plan_says_that_it_cannot_be_taken_back():
    plan = decision_on(evidence(policy=BucketPolicy()))
    assert (plan.undo, bool(plan.no_undo), plan.response) == ((), True, "ask")


def test_whether_a_lost_write_was_made_is_seen_at_the_policy():
    before = evidence(policy=LACKS)
    plan = decision_on(before)
    made = BucketPolicy(text=plan.calls[0].parameters["Policy"])
    assert was_applied(plan, RUNBOOK.current_values(before)) is False
    assert was_applied(plan, RUNBOOK.current_values(evidence(policy=made))) is True
    assert RUNBOOK.current_values(evidence(policy=made))["bucketPolicy"] == plan.after["bucketPolicy"]


@pytest.mark.parametrize(
    ("e", "words", "quoted"),
    [
        (evidence(policy=LACKS, bucket=Bucket(name=BUCKET, region="ap-northeast-1")), "not opted in", ARN),
        (evidence(policy=replace(LACKS, secret=True)), "looks like a secret", ""),
        (evidence(policy=policy(ADMITS, DENIES)), "OnlyVpc", ""),
        (evidence(key_policy=KEY), "Key policies are never changed", "kms:Decrypt"),
        (CAUSES["requests without signature"][0], "does not sign", ""),
        (CAUSES["a key behind an identity"][0], "only an origin access control", ""),
        (CAUSES["aws's own key"][0], "aws/s3", ""),
    ],
)
def test_what_only_a_person_may_change_is_told_with_the_exact_statement(e, words, quoted):
    found = decision_on(e)
    assert isinstance(found, Advise)
    assert words in found.why.en
    assert quoted in " ".join(found.commands)
    assert found.commands


def test_a_policy_that_would_be_too_large_is_told():
    big = policy(*[{**TLS_ONLY, "Sid": f"S{n}"} for n in range(140)])
    assert isinstance(decision_on(evidence(policy=big)), Advise)


def test_a_policy_that_would_not_admit_even_then_is_told():
    later = {**DENIES, "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}
    assert isinstance(decision_on(evidence(policy=policy(later))), Advise)


def test_the_tag_of_what_is_written_to_decides():
    tagged = {"auto-remediation": "approve"}
    bucket = Bucket(name=BUCKET, region="ap-northeast-1", tags=tagged)
    assert RUNBOOK.opt_in_tag(evidence(policy=LACKS, bucket=bucket)) == "approve"
    assert RUNBOOK.opt_in_tag(kept_error(bucket=bucket)) == "auto"
    assert RUNBOOK.opt_in_tag(kept_error(policy=gap("denied"))) == "auto"
    assert RUNBOOK.opt_in_tag(kept_error(distribution=distribution(tags={}))) is None


def test_a_wrong_setting_is_told_as_a_diff():
    found = decision_on(evidence(bucket=Bucket(name=BUCKET, region="eu-west-1")))
    assert isinstance(found, Advise)
    domains = (f"{BUCKET}.s3.ap-northeast-1.amazonaws.com", f"{BUCKET}.s3.eu-west-1.amazonaws.com")
    assert f"Origins.DomainName: {domains[0]} -> {domains[1]}" in found.why.en


def test_a_deployment_is_waited_for():
    assert isinstance(decision_on(CAUSES["deploying"][0]), Watch)


def test_named_paths_are_invalidated_alone_and_the_root_under_both_its_names():
    plan = decision_on(old_page())
    assert isinstance(plan, Plan)
    (call,) = plan.calls
    assert call.parameters["InvalidationBatch"]["Paths"]["Items"] == ["/", "/index.html"]
    assert call.parameters["InvalidationBatch"]["CallerReference"] == f"remediator-{SETTING.incident}"
    assert (plan.response, plan.undo, bool(plan.no_undo)) == ("auto", (), True)
    checked(operation(call.action).input_shape, call.parameters, call.action)


def test_only_what_is_stale_is_invalidated():
    plan = decision_on(kept_error())
    assert plan.calls[0].parameters["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/about.html"]}


def test_a_star_in_a_key_is_no_wildcard():
    star = stored("a*.html")
    e = evidence(contents=contents(stored(), star), answers=(answer(), answer("/a%2A.html", "a*.html", 403, age_s=9)))
    assert decision_on(e).calls[0].parameters["InvalidationBatch"]["Paths"]["Items"] == ["/a%2A.html"]


def test_everything_is_dropped_only_after_a_person_approved():
    objects = [stored(f"p{n}.html", NEWER, "bb") for n in range(4)]
    old = tuple(answer(f"/p{n}.html", f"p{n}.html") for n in range(4))
    few = evidence(distribution=distribution(root_object=""), contents=contents(*objects), answers=old)
    assert decision_on(few).response == "auto"
    many = replace(few, contents=replace(few.contents, value=contents(*objects, listed=90)))
    plan = decision_on(many)
    assert plan.calls[0].parameters["InvalidationBatch"]["Paths"]["Items"] == ["/*"]
    assert plan.response == "ask"


@pytest.mark.parametrize("paths", [("/*",), ("/about.html", "/x")])
def test_an_invalidation_that_is_under_way_is_waited_for(paths):
    running = Invalidation(id="I1", in_progress=True, paths=paths, reference="ci")
    assert isinstance(decision_on(kept_error(invalidations=(running,))), Watch)
    done = replace(running, in_progress=False)
    assert isinstance(decision_on(kept_error(invalidations=(done,))), Plan)


# -- report and proof --------------------------------------------------------------------------------------------------


def test_the_report_says_since_when_and_how_many():
    shown = " ".join(f"{f.label.en}: {f.value}" for f in RUNBOOK.situation(evidence()))
    assert "since: 2026-11-23T02:55:00.000Z" in shown
    assert "300 / 50.0 % / 0.0 %" in shown
    assert RUNBOOK.situation(evidence(rates=gap("x"), distribution=gap("y"))) == ()
    assert RUNBOOK.situation(evidence(rates=rates(client=0.0, minutes=0)))
    assert RUNBOOK.stack(evidence()) is None


SINCE = after(NOW, -300)


def judged(after_it, *, change=True, since=SINCE):
    before = evidence(policy=LACKS)
    made = Change(plan=decision_on(before), applied_at=since) if change else None
    return RUNBOOK.judge(after_it, VerificationContext(before=before, change=made, now=NOW, since=since))


def test_it_is_fixed_when_the_site_answers_and_the_rate_is_down():
    assert judged(outcome()).verdict is Verdict.FIXED
    assert judged(outcome(), change=False).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("after_it", "persists"),
    [
        (outcome(answers=(answer(status=403),)), True),
        (outcome(rates=rates(client=40.0)), True),
        (outcome(rates=rates(client=0.0, server=9.0)), True),
        (outcome(contents=contents(stored(modified_at=NEWER))), True),
        (outcome(rates=rates(client=0.0, minutes=1)), False),
        (outcome(answers=()), False),
    ],
)
def test_it_is_not_proved_by_less(after_it, persists):
    found = judged(after_it)
    assert (found.verdict, found.persists) == (None, persists)


def test_a_site_that_lets_no_plain_get_in_is_proved_by_the_rate_alone():
    guarded = outcome(distribution=distribution(guarded=("signed URLs",)), answers=(), contents=gap("x"))
    assert judged(guarded).verdict is Verdict.FIXED


def test_it_is_too_early_right_after_the_change():
    assert judged(outcome(rates=rates(client=0.0, at=after(NOW, 60))), since=after(NOW, -60)).verdict is None


def test_a_policy_that_is_not_understood_is_named_as_it_is():
    assert RUNBOOK.current_values(evidence(policy=BucketPolicy(text="{")))["bucketPolicy"].startswith("not understood")
