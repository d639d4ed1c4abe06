from dataclasses import replace

import pytest

from remediator.core.model import Advise, Change, HandOver, Plan, Signal, Verdict, Watch
from remediator.core.runbook import Setting, VerificationContext
from remediator.core.serialization import from_json, to_json
from remediator.core.settings import Settings, Workload
from remediator.core.timestamps import after
from remediator.incidents.assessment import was_applied
from remediator.incidents.diagnosis import decide, diagnose
from remediator.problems import route
from remediator.problems.alb_targets_unhealthy import RUNBOOK
from remediator.reports.sections.commands import command_of
from remediator.resources.ecs.backends import Behind, ContainerPort
from remediator.resources.ecs.model import Service
from remediator.resources.endpoint import Endpoint
from remediator.resources.iam.session_policy import LIMIT_CHARS, session_policy
from remediator.resources.load_balancing.model import Traffic
from remediator.resources.load_balancing.target_health import HostCount, HostCounts
from remediator.resources.vpc.network_path import AclEntry, Interfaces, LoadBalancer, Rule
from tests.fakes import checked, operation
from tests.runbooks.evidence_of_targets import (
    ADDRESSES,
    ANYWHERE,
    BALANCER_ARN,
    BALANCER_SG,
    FROM_BALANCER,
    GROUP_ARN,
    HEALTHY,
    OF_ECS,
    PLAIN,
    REFUSED,
    TASK_SG,
    TIMEOUT,
    acl,
    balancer_group,
    code,
    evidence,
    gap,
    group,
    groups,
    hosts,
    interfaces,
    outcome,
    service,
    target,
    task_group,
)
from tests.samples import NOW, SERVICE_ARN

ID = "alb_targets_unhealthy"
WORKLOAD = Workload(
    name="portfolio",
    cluster="portfolio-cluster",
    service="portfolio-api-service",
    target_group="targetgroup/portfolio-api/73e2d6bc24d8a067",
    health_path="/health",
    port=8000,
)
SETTING = Setting(now=NOW, settings=Settings(), workload=WORKLOAD, opened_at=NOW)
UNDECLARED = replace(SETTING, workload=None)


def diagnosed(e, setting=SETTING):
    return diagnose(RUNBOOK, e, setting)


def cause_of(e, setting=SETTING):
    return diagnosed(e, setting).cause


def unchecked(e, setting=SETTING):
    return {o.cause.split(".")[1]: o.why for o in diagnosed(e, setting).unchecked}


def decision_on(e, setting=SETTING):
    return decide(RUNBOOK, diagnosed(e, setting), e, setting)


def with_path(path, *targets, **changes):
    return evidence(group=group(*(targets or (code(404), code(404))), health_path=path), **changes)


def with_port(health_port, *targets, **changes):
    return evidence(group=group(*(targets or (REFUSED, REFUSED)), health_port=health_port), **changes)


CLOSED = evidence(TIMEOUT, TIMEOUT, security_groups=groups())
WRONG_PATH = with_path("/helth")
WRONG_CHECK = with_port("9000")
PLAIN_WRONG = evidence(group=group(target(0, 80, **TIMEOUT), target(1)), behind=PLAIN)


# -- causes: the guide's rows ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "e", "cause"),
    [
        ("404 on another path", with_path("/helth"), "alb_targets_unhealthy.wrong_path"),
        ("redirected", with_path("/", code(301), code(302)), "alb_targets_unhealthy.wrong_path"),
        ("forbidden", with_path("/admin", code(403), HEALTHY), "alb_targets_unhealthy.wrong_path"),
        ("404 on the declared path", with_path("/health"), "alb_targets_unhealthy.application_failing"),
        ("5xx on another path", with_path("/helth", code(503), code(503)), "alb_targets_unhealthy.application_failing"),
        ("5xx", evidence(code(500), HEALTHY), "alb_targets_unhealthy.application_failing"),
        ("checked where nobody listens", with_port("9000"), "alb_targets_unhealthy.wrong_port"),
        ("checked on the right port by number", with_port("8000"), "alb_targets_unhealthy.application_failing"),
        (
            "checked on a container's other port",
            with_port("9000", container_ports=(ContainerPort(container="admin", port=9000),)),
            "alb_targets_unhealthy.application_failing",
        ),
        ("registered on another port", PLAIN_WRONG, "alb_targets_unhealthy.wrong_port"),
        ("no rule for the load balancer", CLOSED, "alb_targets_unhealthy.security_group_closed"),
        ("timeouts on an open port", evidence(TIMEOUT, TIMEOUT), "alb_targets_unhealthy.application_failing"),
        ("refused on the right port", evidence(REFUSED), "alb_targets_unhealthy.application_failing"),
        (
            "refused although a group is closed: packets do arrive",
            evidence(REFUSED, security_groups=groups()),
            "alb_targets_unhealthy.application_failing",
        ),
        ("all healthy", evidence(), None),
        (
            "an error of the load balancer itself",
            evidence({"state": "unhealthy", "reason": "Elb.InternalError"}),
            None,
        ),
    ],
)
def test_reason_and_settings_together_name_the_row_of_the_guide(why, e, cause):
    assert cause_of(e) == cause, why


@pytest.mark.parametrize("state", ["initial", "draining", "unused", "unhealthy.draining", "unavailable"])
def test_targets_that_come_or_go_are_no_trouble(state):
    assert cause_of(evidence({"state": state, "reason": "Target.Timeout"})) is None


def test_what_is_seen_most_often_is_acted_on_first():
    e = evidence(group=group(code(404), target(1, **TIMEOUT), replace(target(1, **TIMEOUT), id="10.0.1.10")))
    e = replace(e, group=replace(e.group, value=replace(e.group.get(), health_path="/helth")))
    assert [h.cause for h in diagnosed(e).held] == [f"{ID}.application_failing", f"{ID}.wrong_path"]


def test_a_success_that_the_matcher_refuses_is_told_and_not_changed():
    found = decision_on(evidence(group=group(code(200), code(200), matcher="204")))
    assert isinstance(found, Advise)
    assert "matcher" in found.why.en


def test_every_fact_says_where_and_when_it_was_read():
    for e in (WRONG_PATH, WRONG_CHECK, CLOSED, evidence(code(500))):
        for held in diagnosed(e).held:
            assert held.facts
            assert all(f.source and f.at for f in held.facts)


# -- gaps --------------------------------------------------------------------------------------------------------------


def test_health_that_could_not_be_read_rules_nothing_out():
    found = diagnosed(evidence(group=gap()))
    assert found.held == found.ruled_out == ()
    assert len(found.unchecked) == 4


@pytest.mark.parametrize("missing", ["balancer", "interfaces", "security_groups", "acls"])
def test_half_a_network_path_neither_closes_a_group_nor_blames_the_application(missing):
    e = evidence(TIMEOUT, TIMEOUT, **{missing: gap()})
    assert cause_of(e) is None
    assert set(unchecked(e)) == {"security_group_closed", "application_failing"}


def test_an_unknown_owner_leaves_the_port_open():
    e = evidence(TIMEOUT, TIMEOUT, behind=gap())
    assert cause_of(e) is None
    assert {"wrong_port", "application_failing"} <= set(unchecked(e))


def test_plain_targets_without_a_declared_port_cannot_be_checked_for_it():
    e = evidence(REFUSED, behind=PLAIN)
    assert set(unchecked(e, UNDECLARED)) == {"wrong_port", "application_failing"}


def test_a_service_on_instances_has_ports_that_ecs_chose():
    bridged = group(target(0, 49153, **TIMEOUT), target_type="instance")
    assert unchecked(evidence(group=replace(bridged, health_port="8000")))["wrong_port"].startswith("ECS chooses")
    assert "wrong_port" not in unchecked(evidence(group=bridged))


def test_a_prefix_list_is_not_taken_for_closed():
    listed = Rule(protocol="tcp", from_port=8000, to_port=8000, prefix_lists=("pl-1",))
    assert "prefix list" in unchecked(evidence(TIMEOUT, security_groups=groups(listed)))["security_group_closed"]


def test_an_answer_on_an_undeclared_path_tells_nothing_of_the_application():
    assert "application_failing" in unchecked(with_path("/admin", code(401)))


# -- wrong path --------------------------------------------------------------------------------------------------------


def test_the_declared_path_is_set_back_alone_where_targets_were_healthy_before():
    plan = decision_on(WRONG_PATH)
    assert isinstance(plan, Plan)
    assert plan.calls[0].parameters == {"TargetGroupArn": GROUP_ARN, "HealthCheckPath": "/health"}
    assert plan.undo[0].parameters["HealthCheckPath"] == "/helth"
    assert (plan.response, plan.worse is not None) == ("auto", True)


@pytest.mark.parametrize(
    ("why", "e"),
    [
        ("never healthy", with_path("/helth", hosts=hosts(healthy_before=False))),
        ("no datapoint", with_path("/helth", hosts=HostCounts())),
        ("metric unreadable", with_path("/helth", hosts=gap())),
        ("another reason besides", with_path("/helth", code(404), TIMEOUT)),
        ("port differs too", with_path("/helth", target(0, 80, **code(404)), behind=PLAIN)),
        ("unhealthy for the whole day", with_path("/helth", hosts=hosts(unhealthy_minutes=120))),
    ],
)
def test_a_path_that_is_not_proved_is_asked(why, e):
    plan = decision_on(e)
    assert plan.fix == "set_health_path", why
    assert plan.response == "ask", why
    assert plan.ask_because.ja


def test_targets_that_still_pass_are_watched_first_and_then_a_person_is_asked():
    some = with_path("/helth", code(404), HEALTHY)
    assert isinstance(decision_on(some), Watch)
    later = decision_on(some, replace(SETTING, now=after(NOW, 300)))
    assert (later.fix, later.response) == ("set_health_path", "ask")


def test_without_a_declared_path_the_answer_is_told():
    found = decision_on(WRONG_PATH, UNDECLARED)
    assert cause_of(WRONG_PATH, UNDECLARED) == "alb_targets_unhealthy.wrong_path"
    assert isinstance(found, Advise)
    assert found.commands


# -- wrong port --------------------------------------------------------------------------------------------------------


def test_a_services_targets_are_checked_on_their_own_port_again():
    plan = decision_on(WRONG_CHECK)
    assert plan.calls[0].parameters == {"TargetGroupArn": GROUP_ARN, "HealthCheckPort": "traffic-port"}
    assert plan.undo[0].parameters["HealthCheckPort"] == "9000"
    assert plan.response == "auto"


@pytest.mark.parametrize(
    "changes", [{"behind": PLAIN}, {"hosts": gap()}, {"hosts": hosts(healthy_before=False)}], ids=str
)
def test_a_health_check_port_that_is_not_proved_is_asked(changes):
    assert decision_on(with_port("9000", **changes)).response == "ask"


def test_plain_targets_are_registered_on_the_right_port_before_the_wrong_one_is_taken_away():
    plan = decision_on(PLAIN_WRONG)
    register, deregister = plan.calls
    assert register.action.endswith(":RegisterTargets")
    assert register.parameters["Targets"] == [{"Id": ADDRESSES[0], "Port": 8000}]
    assert deregister.action.endswith(":DeregisterTargets")
    assert deregister.parameters["Targets"] == [{"Id": ADDRESSES[0], "Port": 80}]
    assert [c.parameters["Targets"] for c in plan.undo] == [
        [{"Id": ADDRESSES[0], "Port": 80}],
        [{"Id": ADDRESSES[0], "Port": 8000}],
    ]
    assert plan.response == "auto"


def test_without_a_healthy_target_on_the_right_port_a_person_is_asked():
    none = evidence(group=group(target(0, 80, **TIMEOUT), target(1, 80, **TIMEOUT)), behind=PLAIN)
    assert decision_on(none).response == "ask"


def test_a_healthy_target_on_another_port_does_not_prove_the_declared_one():
    other = evidence(group=group(target(0, 80, **TIMEOUT), target(1, 9090)), behind=PLAIN)
    assert decision_on(other).response == "ask"


def test_targets_that_passed_only_while_others_failed_do_not_prove_the_declared_path():
    count = HostCount(at=after(NOW, -3600), hosts=1)
    meanwhile = HostCounts(healthy=(count,), unhealthy=(count, replace(count, at=after(NOW, -300))))
    assert decision_on(with_path("/helth", hosts=meanwhile)).response == "ask"


def test_a_registration_that_stands_already_is_neither_repeated_nor_undone():
    both = evidence(group=group(target(0, 80, **TIMEOUT), target(0), target(1)), behind=PLAIN)
    plan = decision_on(both)
    assert [c.action.split(":")[1] for c in plan.calls] == ["DeregisterTargets"]
    assert [c.action.split(":")[1] for c in plan.undo] == ["RegisterTargets"]


def test_an_address_outside_of_the_network_keeps_its_zone():
    outside = evidence(group=group(target(0, 80, zone="all", **TIMEOUT), target(1)), behind=PLAIN)
    assert decision_on(outside).calls[0].parameters["Targets"][0]["AvailabilityZone"] == "all"


@pytest.mark.parametrize("owner", [OF_ECS, Behind(managed=True)])
def test_targets_of_a_service_are_never_registered_by_hand(owner):
    wrong = evidence(group=group(target(0, 80, **TIMEOUT), target(1)), behind=owner)
    assert cause_of(wrong) == "alb_targets_unhealthy.wrong_port"
    found = decision_on(wrong)
    assert isinstance(found, Advise)
    assert "ECS registers" in found.why.en


@pytest.mark.parametrize("kind", ["lambda", "alb"])
def test_targets_of_another_kind_are_told(kind):
    odd = evidence(group=group(target(0, 80, **TIMEOUT), target(1), target_type=kind), behind=PLAIN)
    assert isinstance(decision_on(odd), Advise)


def test_registration_and_check_both_wrong_are_told():
    both = evidence(group=group(target(0, 80, **TIMEOUT), target(1), health_port="9000"), behind=PLAIN)
    assert isinstance(decision_on(both), Advise)


def test_a_services_mapping_that_differs_from_the_declared_port_is_told_as_a_difference():
    mapping = {"targetGroupArn": GROUP_ARN, "containerName": "api", "containerPort": 80}
    mapped = Behind(managed=True, service=service(load_balancers=(mapping,)))
    wrong = evidence(group=group(target(0, 80, **REFUSED), target(1, 80, **REFUSED)), behind=mapped)
    assert "containerPort 80 -> 8000" in decision_on(wrong).why.en


# -- closed security group ---------------------------------------------------------------------------------------------


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


# -- application failing -----------------------------------------------------------------------------------------------


def test_a_failing_application_is_handed_over_to_its_services_own_runbook():
    found = decision_on(evidence(code(503), code(503)))
    assert isinstance(found, HandOver)
    assert (found.runbook, found.resource.kind, found.resource.arn) == (
        "ecs_task_restarting",
        "ecs_service",
        SERVICE_ARN,
    )
    assert "503" in found.why.en


def test_an_application_that_is_no_known_service_is_told():
    assert isinstance(decision_on(evidence(code(503), behind=PLAIN)), Advise)


# -- every plan --------------------------------------------------------------------------------------------------------

PLANS = {"path": WRONG_PATH, "health_port": WRONG_CHECK, "registrations": PLAIN_WRONG, "ingress": CLOSED}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_spelled_as_aws_does_and_fits_a_session_policy(name):
    plan = decision_on(PLANS[name])
    for call in (*plan.calls, *plan.undo):
        checked(operation(call.action).input_shape, call.parameters, call.action)
        assert command_of(call, "ap-northeast-1") is not None
    assert len(session_policy(plan.calls)) <= LIMIT_CHARS


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_has_an_undo_and_is_the_same_each_time(name):
    plan = decision_on(PLANS[name])
    assert plan.undo
    assert plan.hash == decision_on(PLANS[name]).hash
    assert set(plan.before) == set(plan.after)


@pytest.mark.parametrize("name", PLANS)
def test_whether_a_lost_write_was_made_is_told_by_the_pre_image(name):
    plan = decision_on(PLANS[name])
    now = dict(RUNBOOK.current_values(PLANS[name]))
    assert was_applied(plan, now) is False
    assert was_applied(plan, {**now, **plan.after}) is True
    assert was_applied(plan, {}) is None


def test_replaced_tasks_do_not_make_another_plan():
    moved = (replace(target(0, **code(404)), id="10.0.1.77"), target(1, **code(404)))
    assert decision_on(with_path("/helth", *moved)).hash == decision_on(WRONG_PATH).hash


# -- proof -------------------------------------------------------------------------------------------------------------


def judged(after_, e, change=None, minutes=6.0):
    return RUNBOOK.judge(after_, VerificationContext(before=e, change=change, now=after(NOW, 60 * minutes), since=NOW))


def changed(e):
    return Change(plan=decision_on(e), applied_at=NOW)


PATH_SET = changed(WRONG_PATH)


def test_fixed_needs_all_targets_healthy_for_longer_than_it_takes_to_admit_one():
    assert judged(outcome(minutes=3), WRONG_PATH, PATH_SET, minutes=3).verdict is None
    assert judged(outcome(), WRONG_PATH, PATH_SET).verdict is Verdict.FIXED


def test_recovery_without_a_change_is_not_claimed():
    assert judged(outcome(), WRONG_PATH).verdict is Verdict.RECOVERED_WITHOUT_US


@pytest.mark.parametrize(
    ("why", "after_"),
    [
        ("no target", outcome(group=group(targets=()))),
        ("only draining ones", outcome({"state": "draining"}, {"state": "unused"})),
        ("one still starts", outcome(HEALTHY, {"state": "initial"})),
        ("one cannot be checked", outcome(HEALTHY, {"state": "unavailable"})),
        ("no datapoint", outcome(hosts=HostCounts())),
        ("datapoints from before only", outcome(hosts=HostCounts(healthy=(HostCount(at=after(NOW, -60), hosts=2),)))),
        ("the metric counts none", outcome(hosts=HostCounts(healthy=(HostCount(at=after(NOW, 240), hosts=0),)))),
        ("metric unreadable", outcome(hosts=gap())),
        ("endpoint fails", outcome(endpoint=Endpoint(url="http://x/health", status=503))),
        ("endpoint silent", outcome(endpoint=gap("Retryable: nothing answers"))),
        ("requests fail", outcome(traffic=Traffic(window_s=300, requests=100, recent_requests=100, recent_failed=50))),
        ("traffic unreadable", outcome(traffic=gap())),
    ],
)
def test_what_is_not_proved_is_no_pass(why, after_):
    found = judged(after_, WRONG_PATH, PATH_SET)
    assert found.verdict is None, why
    assert not found.persists, why


def test_targets_that_leave_do_not_hold_up_the_verdict():
    assert judged(outcome(HEALTHY, {"state": "draining"}), WRONG_PATH, PATH_SET).verdict is Verdict.FIXED


def test_the_same_reason_after_twice_the_thresholds_is_not_fixed():
    ill = outcome(code(404), code(404))
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=6).verdict is None
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=7).verdict is Verdict.NOT_FIXED
    assert judged(ill, WRONG_PATH, PATH_SET, minutes=6).persists


def test_another_reason_than_before_waits_and_persists():
    found = judged(outcome(TIMEOUT, TIMEOUT), WRONG_PATH, PATH_SET, minutes=20)
    assert (found.verdict, found.persists) == (None, True)


def test_trouble_that_nobody_changed_anything_about_persists_without_a_verdict():
    found = judged(outcome(code(404)), WRONG_PATH, minutes=30)
    assert (found.verdict, found.persists) == (None, True)


def test_fewer_healthy_targets_than_before_is_worse():
    some = with_path("/helth", code(404), HEALTHY)
    asked = Change(plan=decision_on(some, replace(SETTING, now=after(NOW, 300))), applied_at=NOW)
    assert judged(outcome(code(404), TIMEOUT), some, asked, minutes=2).worse
    assert not judged(outcome(code(404), TIMEOUT), some, asked, minutes=0.5).worse
    assert not judged(outcome(HEALTHY, code(404)), some, asked, minutes=2).worse


def test_a_rule_that_was_added_is_never_worse():
    before = replace(CLOSED, group=evidence(TIMEOUT, HEALTHY).group)
    assert not judged(outcome(TIMEOUT, TIMEOUT), before, changed(CLOSED), minutes=9).worse


# -- the report --------------------------------------------------------------------------------------------------------


def test_the_opt_in_is_the_tag_of_the_target_group():
    assert RUNBOOK.opt_in_tag(evidence()) == "auto"
    assert RUNBOOK.opt_in_tag(evidence(group=group(tags={}))) is None


def test_the_report_says_since_when_how_many_and_why():
    values = {f.label.en: f.value for f in RUNBOOK.situation(WRONG_PATH)}
    assert values["since"] == after(NOW, -600)
    assert values["healthy targets / in use"] == "0 / 2"
    assert values["unhealthy targets"].startswith("2 x Target.ResponseCodeMismatch")
    assert values["users: requests / failed, last 15 min"] == "1000 / 1.0 %"
    assert any("fail-open" in label for label in values)
    assert not any("fail-open" in f.label.en for f in RUNBOOK.situation(evidence(code(404), HEALTHY)))


@pytest.mark.parametrize("e", [WRONG_PATH, WRONG_CHECK, CLOSED, evidence(code(500))])
def test_every_cause_says_how_the_targets_are_checked(e):
    values = {f.label.en: f.value for f in diagnosed(e).held[0].facts}
    assert values["health check: path (port), codes"].startswith("HTTP /")
    assert values["its timeout / interval, to unhealthy / to healthy"] == "5 s / 30 s, 2 x / 5 x"


@pytest.mark.parametrize("e", [WRONG_PATH, WRONG_CHECK, CLOSED, PLAIN_WRONG])
def test_evidence_can_be_stored_and_replayed(e):
    assert from_json(type(e), to_json(e)) == e


def test_a_report_without_any_reading_claims_nothing():
    nothing = {n: gap() for n in ("group", "hosts", "traffic", "behind", "stack")}
    assert RUNBOOK.situation(evidence(**nothing)) == ()
    assert RUNBOOK.stack(evidence(**nothing)) is None


def test_slow_answers_stand_beside_the_health_checks_timeout():
    facts = {f.label.en: f.value for h in diagnosed(evidence(TIMEOUT)).held for f in h.facts}
    assert facts["slowest answer / health-check timeout"] == "120 ms / 5000 ms"


@pytest.mark.parametrize("metric", ["UnHealthyHostCount", "HealthyHostCount"])
def test_alarms_on_hosts_start_it(metric):
    alarm = Signal(
        kind="alarm",
        resource=decision_on(WRONG_PATH).resource,
        level="high",
        at=NOW,
        key="a",
        facts={"namespace": "AWS/ApplicationELB", "metric": metric},
    )
    assert route(alarm).id == ID


def test_a_service_of_another_controller_is_still_managed():
    unmapped = Behind(managed=True, service=Service(arn=SERVICE_ARN, name="s", cluster="c", controller="CODE_DEPLOY"))
    assert cause_of(evidence(REFUSED, behind=unmapped), UNDECLARED) == "alb_targets_unhealthy.application_failing"
    several = (ContainerPort(container="a", port=1), ContainerPort(container="b", port=2))
    assert "wrong_port" in unchecked(evidence(REFUSED, behind=unmapped, container_ports=several), UNDECLARED)


def test_an_open_group_admits_from_anywhere():
    assert cause_of(evidence(TIMEOUT, security_groups=groups(ANYWHERE))) == "alb_targets_unhealthy.application_failing"
