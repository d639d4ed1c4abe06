import json
from dataclasses import replace

import pytest

from remediator.core.serialization import from_json, to_json
from remediator.incidents.diagnosis import diagnose
from remediator.problems.cloudfront_not_delivering.evidence import Evidence
from remediator.problems.cloudfront_not_delivering.runbook import RUNBOOK

from ..ecs_task_restarting.samples import gap
from .samples import ADMITS, answer, distribution, evidence, origin, policy
from .setting import CAUSES, KEY, LACKS, ORIGIN, POLICY, SETTING, STALE, kept_error


def cause_of(e):
    return diagnose(RUNBOOK, e, SETTING).cause


def finding_of(e, row):
    diagnosis = diagnose(RUNBOOK, e, SETTING)
    for kind in ("held", "ruled_out", "unchecked"):
        if row in {c.cause for c in getattr(diagnosis, kind)}:
            return kind
    return None


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
