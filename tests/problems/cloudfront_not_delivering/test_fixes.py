import json
from dataclasses import replace

import pytest

from remediator.core.model import Resource
from remediator.core.plan import Advise, Plan, Watch
from remediator.incidents.assessment import was_applied
from remediator.problems.cloudfront_not_delivering.facts import read_of
from remediator.problems.cloudfront_not_delivering.runbook import RUNBOOK
from remediator.resources.cloudfront.model import Invalidation, OriginAccess
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.s3.bucket_policy import judge as judge_policy
from remediator.resources.s3.model import Bucket, BucketPolicy

from ...fakes import checked, operation
from ..ecs_task_restarting.samples import gap
from .samples import (
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
    policy,
    stored,
)
from .setting import CAUSES, KEY, LACKS, NEWER, SETTING, decision_on, kept_error, old_page


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
