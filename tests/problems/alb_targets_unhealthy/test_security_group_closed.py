from dataclasses import replace

import pytest

from remediator.core.plan import Advise
from remediator.problems.alb_targets_unhealthy.runbook import RUNBOOK
from remediator.resources.ecs.backends import ContainerPort
from remediator.resources.vpc.network_path import AclEntry, Interfaces, LoadBalancer, Rule

from .samples import (
    BALANCER_ARN,
    BALANCER_SG,
    FROM_BALANCER,
    PLAIN,
    TASK_SG,
    TIMEOUT,
    acl,
    balancer_group,
    evidence,
    groups,
    interfaces,
    task_group,
)
from .setting import CLOSED, UNDECLARED, cause_of, decision_on, with_port


def test_one_rule_from_the_load_balancers_group_on_one_port_is_asked():
    plan = decision_on(CLOSED)
    assert plan.response == "ask"
    assert plan.calls[0].parameters == {
        "GroupId": TASK_SG,
        "IpPermissions": [
            {"IpProtocol": "tcp", "FromPort": 8000, "ToPort": 8000, "UserIdGroupPairs": [{"GroupId": BALANCER_SG}]}
        ],
    }
    assert plan.undo[0].action == "ec2:RevokeSecurityGroupIngress"
    assert plan.undo[0].parameters == plan.calls[0].parameters
    assert plan.resource.arn == f"arn:aws:ec2:ap-northeast-1:123456789012:security-group/{TASK_SG}"
    assert "Cidr" not in repr(plan.calls)


def test_the_rule_is_found_again_however_aws_puts_it_together_with_others():
    other = Rule(protocol="tcp", from_port=8000, to_port=8000, groups=("sg-0other",))
    plan = decision_on(evidence(TIMEOUT, TIMEOUT, security_groups=groups(other)))
    merged = replace(other, groups=("sg-0other", BALANCER_SG))
    made = RUNBOOK.current_values(evidence(TIMEOUT, TIMEOUT, security_groups=groups(merged)))
    assert {key: made[key] for key in plan.after} == plan.after


def rule(from_port=8000, to_port=8000, protocol="tcp", **peers):
    return Rule(protocol=protocol, from_port=from_port, to_port=to_port, **peers)


@pytest.mark.parametrize(
    ("why", "ingress", "closed"),
    [
        ("its group", FROM_BALANCER, False),
        ("its group in a range", rule(8000, 8100, groups=(BALANCER_SG,)), False),
        ("its group on everything", Rule(protocol="-1", groups=(BALANCER_SG,)), False),
        ("its addresses", rule(cidrs=("10.0.0.0/16",)), False),
        ("another group", rule(groups=("sg-0other",)), True),
        ("another port", rule(80, 80, groups=(BALANCER_SG,)), True),
        ("other addresses", rule(cidrs=("192.168.0.0/16",)), True),
        ("another protocol", rule(protocol="udp", groups=(BALANCER_SG,)), True),
    ],
)
def test_a_group_is_closed_only_where_no_rule_admits_the_load_balancer(why, ingress, closed):
    e = evidence(TIMEOUT, TIMEOUT, security_groups=groups(ingress))
    assert (cause_of(e) == "alb_targets_unhealthy.security_group_closed") is closed, why


def test_the_port_of_the_health_check_is_the_one_that_must_be_open():
    admin = (ContainerPort(container="api", port=9000),)
    plan = decision_on(with_port("9000", TIMEOUT, TIMEOUT, container_ports=admin))
    assert plan.calls[0].parameters["IpPermissions"][0]["FromPort"] == 9000


@pytest.mark.parametrize(
    ("why", "changes", "said"),
    [
        (
            "an ACL denies",
            {"acls": (acl(AclEntry(number=1, egress=False, allow=False, protocol="6", from_port=8000, to_port=8000)),)},
            "network ACL",
        ),
        (
            "an ACL lets no reply out",
            {"acls": (acl(AclEntry(number=1, egress=True, allow=False, protocol="6", cidr="10.0.3.0/24")),)},
            "network ACL",
        ),
        (
            "the load balancer lets nothing out",
            {"security_groups": (task_group(FROM_BALANCER), balancer_group(rule(443, 443, cidrs=("0.0.0.0/0",))))},
            "egress",
        ),
        ("not opted in", {"security_groups": (task_group(tags={}), balancer_group())}, "opted in"),
        (
            "opted out",
            {"security_groups": (task_group(tags={"auto-remediation": "observe"}), balancer_group())},
            "opted in",
        ),
        ("another account's", {"security_groups": (task_group(owner="999999999999"), balancer_group())}, "account"),
    ],
)
def test_what_no_single_rule_opens_is_told(why, changes, said):
    e = evidence(TIMEOUT, TIMEOUT, **{"security_groups": groups(FROM_BALANCER), **changes})
    assert cause_of(e) == "alb_targets_unhealthy.security_group_closed", why
    found = decision_on(e)
    assert isinstance(found, Advise), why
    assert said in found.why.en


def test_several_security_groups_are_a_persons_choice():
    two = Interfaces(
        targets=tuple(replace(i, groups=(TASK_SG, "sg-0more")) for i in interfaces().targets),
        balancer=interfaces().balancer,
    )
    e = evidence(TIMEOUT, interfaces=two, security_groups=(task_group(), task_group(id="sg-0more"), balancer_group()))
    assert isinstance(decision_on(e), Advise)
    both = LoadBalancer(arn=BALANCER_ARN, groups=(BALANCER_SG, "sg-0alb2"))
    known = (task_group(), balancer_group(), replace(balancer_group(), id="sg-0alb2"))
    assert isinstance(decision_on(evidence(TIMEOUT, balancer=both, security_groups=known)), Advise)


def test_no_port_is_opened_while_nothing_tells_that_it_is_the_right_one():
    e = evidence(TIMEOUT, security_groups=groups(), behind=PLAIN)
    assert cause_of(e, UNDECLARED) == "alb_targets_unhealthy.security_group_closed"
    assert isinstance(decision_on(e, UNDECLARED), Advise)


def test_targets_and_load_balancer_in_one_subnet_need_no_acl_to_agree():
    here = Interfaces(
        targets=tuple(replace(i, subnet="s-c") for i in interfaces().targets), balancer=interfaces().balancer
    )
    shut = (acl(AclEntry(number=1, egress=False, allow=False)),)
    assert cause_of(evidence(TIMEOUT, interfaces=here, acls=shut)) == "alb_targets_unhealthy.application_failing"
