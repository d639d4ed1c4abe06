from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.resources.vpc.network_path import AclEntry

from .samples import ALL_ENDPOINTS, CUT_OFF, ENDPOINT_GROUP, NAT, TASK_GROUP, TIMED_OUT, evidence, group, loop, place
from .setting import BEHIND_ENDPOINTS, decision_on


def test_a_closed_endpoint_asks_for_one_rule_from_the_tasks_group_on_443():
    plan = decision_on(evidence(*loop(TIMED_OUT), **BEHIND_ENDPOINTS))
    assert (plan.fix, plan.response) == ("admit_tasks", "ask")
    (call,) = plan.calls
    assert call.parameters["GroupId"] == ENDPOINT_GROUP
    (rule,) = call.parameters["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["UserIdGroupPairs"]) == (443, 443, [{"GroupId": TASK_GROUP}])
    assert "IpRanges" not in rule
    assert [(c.action, c.parameters) for c in plan.undo] == [("ec2:RevokeSecurityGroupIngress", call.parameters)]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (group(ENDPOINT_GROUP, tags={}), "not opted in"),
        (group(ENDPOINT_GROUP, owner="999999999999"), "another account"),
    ],
)
def test_a_group_of_others_or_without_the_tag_is_left_alone(changed, why):
    found = decision_on(evidence(*loop(TIMED_OUT), way_groups=(group(TASK_GROUP), changed), **BEHIND_ENDPOINTS))
    assert isinstance(found, Advise)
    assert any(why in t.en for t in found.passed_over)


def test_where_one_rule_would_not_do_everything_that_is_closed_is_told():
    without_logs = place(endpoints=tuple(e for e in ALL_ENDPOINTS if e.service != "logs"))
    found = decision_on(evidence(*loop(CUT_OFF), place=without_logs))
    assert isinstance(found, Advise)
    assert "does not reach logs" in found.why.en
    assert "does not reach ecr.api" in found.why.en


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"place": place()}, "rtb-0a has no default route"),
        ({"place": place(replace(NAT, via="igw-0a"))}, "get no public address"),
        ({"way_groups": (group(TASK_GROUP, egress=False),)}, "lets no 443 out"),
        (
            {
                "way_acls": (
                    replace(
                        evidence().way_acls.get()[0],
                        entries=(
                            AclEntry(number=1, egress=True, allow=False),
                            AclEntry(number=2, egress=True, allow=True),
                        ),
                    ),
                )
            },
            "network ACL acl-0a denies it",
        ),
    ],
)
def test_the_closed_way_is_told_with_what_closes_it(changes, why):
    found = decision_on(evidence(*loop(TIMED_OUT), **changes))
    assert why in found.why.en
    assert found.commands
