"""The sandbox's target group: health follows from path, port, matcher, network and application, after its time."""

import pytest

from sandbox import applications as programs
from sandbox import names
from sandbox.vpc.network import denial, rule_for
from sandbox.wire import AwsError

from ..workflow.asking import ask, sums
from .sandbox_world import let_pass, open_world

LONG_GRACE_S = 7 * 24 * 3600  # ECS does not end tasks for what the load balancer says
SETTLED_S = 600
OTHER_PORT = 8080
PLAIN = "10.0.9.7"
HEALTHY = ("healthy", "", "")
SILENT = ("unhealthy", "Target.Timeout", "Request timed out")
REFUSED = ("unhealthy", "Target.FailedHealthChecks", "Health checks failed")


def _answers(code):
    return ("unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")


@pytest.fixture
def world():
    with open_world() as opened:
        opened.run_service(grace_s=LONG_GRACE_S)
        yield opened


def _asked(world, action, **parameters):
    return ask(world, f"elasticloadbalancing:{action}", TargetGroupArn=world.portfolio.target_group, **parameters)


def _health(world):
    """Each target's state, reason and description by address and port."""
    return {
        (t["Target"]["Id"], t["Target"]["Port"]): tuple(
            t["TargetHealth"].get(name, "") for name in ("State", "Reason", "Description")
        )
        for t in _asked(world, "DescribeTargetHealth")["TargetHealthDescriptions"]
    }


def _states(world):
    return set(_health(world).values())


def _set_check(world, **check):
    world.someone("elbv2", "modify_target_group", TargetGroupArn=world.portfolio.target_group, **check)


def _close(world):
    place = world.portfolio.network
    rule = [rule_for(place.balancer_group)]
    world.someone("ec2", "revoke_security_group_ingress", GroupId=place.task_group, IpPermissions=rule)


def _deny(world):
    world.someone("ec2", "create_network_acl_entry", **denial(world.portfolio.network))


@pytest.mark.parametrize(
    ("check", "states"),
    [
        ({"HealthCheckPath": "/users"}, HEALTHY),
        ({"HealthCheckPath": "/healthz"}, _answers(404)),
        ({"HealthCheckPath": "/users/"}, _answers(301)),
        ({"HealthCheckPath": "/admin"}, _answers(403)),
        ({"HealthCheckPath": "/users/", "Matcher": {"HttpCode": "200-399"}}, HEALTHY),
        ({"Matcher": {"HttpCode": "204"}}, _answers(200)),
        ({"Matcher": {"HttpCode": "200,404"}, "HealthCheckPath": "/healthz"}, HEALTHY),
        ({"HealthCheckPort": str(names.PORT)}, HEALTHY),
    ],
)
def test_path_and_matcher_decide_what_a_check_of_a_good_application_says(world, check, states):
    _set_check(world, **check)
    let_pass(world, SETTLED_S)
    assert _states(world) == {states}


def test_a_check_on_a_port_that_is_admitted_and_not_listened_on_is_refused(world):
    place = world.portfolio.network
    admitted = [rule_for(place.balancer_group, OTHER_PORT)]
    world.someone("ec2", "authorize_security_group_ingress", GroupId=place.task_group, IpPermissions=admitted)
    _set_check(world, HealthCheckPort=str(OTHER_PORT))
    let_pass(world, SETTLED_S)
    assert _states(world) == {REFUSED}


def test_a_check_on_a_port_that_no_rule_admits_times_out(world):
    _set_check(world, HealthCheckPort=str(OTHER_PORT))
    let_pass(world, SETTLED_S)
    assert _states(world) == {SILENT}


@pytest.mark.parametrize("block", [_close, _deny], ids=["security group", "network ACL"])
def test_what_stops_the_packets_makes_checks_time_out_and_requests_fail(world, block):
    block(world)
    let_pass(world, SETTLED_S)
    assert _states(world) == {SILENT}
    assert world.http_get(f"http://{world.portfolio.dns_name}/health").status == 503


def test_the_one_rule_that_was_missing_makes_targets_healthy_again(world):
    _close(world)
    let_pass(world, SETTLED_S)
    place = world.portfolio.network
    rule = [rule_for(place.balancer_group)]
    world.someone("ec2", "authorize_security_group_ingress", GroupId=place.task_group, IpPermissions=rule)
    let_pass(world, SETTLED_S)
    assert _states(world) == {HEALTHY}


def test_health_turns_after_interval_times_threshold_and_not_at_once(world):
    _set_check(world, HealthCheckIntervalSeconds=30, UnhealthyThresholdCount=4, HealthCheckPath="/healthz")
    let_pass(world, 119)
    assert _states(world) == {HEALTHY}
    let_pass(world, 1)
    assert _states(world) == {_answers(404)}


def test_where_all_are_unhealthy_the_load_balancer_still_sends_requests(world):
    _set_check(world, HealthCheckPath="/healthz")
    let_pass(world, SETTLED_S)
    assert world.http_get(f"http://{world.portfolio.dns_name}/health").status == 200


@pytest.mark.parametrize(
    ("program", "state"), [(programs.ANSWERS_LATE, SILENT), (programs.TURNS_SICK, _answers(500))], ids=["late", "sick"]
)
def test_an_application_that_fails_makes_its_target_unhealthy_and_the_other_stays(world, program, state):
    world.fall_ill(program, tasks=1)
    let_pass(world, SETTLED_S)
    assert sorted(_health(world).values()) == sorted([HEALTHY, state])


def test_host_counts_say_what_the_targets_health_says(world):
    _set_check(world, HealthCheckPath="/healthz")
    let_pass(world, SETTLED_S)
    place = world.portfolio
    named = {"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix}
    assert sums(world, "AWS/ApplicationELB", "UnHealthyHostCount", named, stat="Maximum", minutes=1) == [2]
    assert sums(world, "AWS/ApplicationELB", "HealthyHostCount", named, stat="Maximum", minutes=1) == [0]
    other = {**named, "TargetGroup": "targetgroup/other/0123456789abcdef"}
    assert sums(world, "AWS/ApplicationELB", "HealthyHostCount", other, stat="Maximum", minutes=1) == []


def _one(port):
    return {"Targets": [{"Id": PLAIN, "Port": port}]}


def test_an_address_is_initial_first_and_healthy_after_a_check(world):
    _asked(world, "RegisterTargets", **_one(names.PORT))
    assert _health(world)[PLAIN, names.PORT][:2] == ("initial", "Elb.InitialHealthChecking")
    let_pass(world, SETTLED_S)
    assert _health(world)[PLAIN, names.PORT] == HEALTHY


def test_an_address_on_a_port_that_is_closed_is_never_healthy(world):
    _asked(world, "RegisterTargets", **_one(OTHER_PORT))
    let_pass(world, SETTLED_S)
    assert _health(world)[PLAIN, OTHER_PORT] == SILENT


def test_an_address_without_a_port_takes_the_groups_own(world):
    _asked(world, "RegisterTargets", Targets=[{"Id": PLAIN}])
    assert (PLAIN, names.PORT) in _health(world)


def test_an_address_that_was_deregistered_drains_and_is_gone(world):
    _asked(world, "RegisterTargets", **_one(names.PORT))
    _asked(world, "RegisterTargets", **_one(OTHER_PORT))
    let_pass(world, SETTLED_S)
    _asked(world, "DeregisterTargets", **_one(OTHER_PORT))
    assert _health(world)[PLAIN, OTHER_PORT][:2] == ("draining", "Target.DeregistrationInProgress")
    let_pass(world, SETTLED_S)
    assert (PLAIN, OTHER_PORT) not in _health(world)
    assert _health(world)[PLAIN, names.PORT] == HEALTHY


def test_the_same_address_registered_twice_stands_once(world):
    for _ in range(2):
        _asked(world, "RegisterTargets", **_one(names.PORT))
    assert len(world.around.targets.plain) == 1


def test_only_targets_that_are_asked_for_are_told(world):
    _asked(world, "RegisterTargets", **_one(names.PORT))
    found = _asked(world, "DescribeTargetHealth", Targets=[{"Id": PLAIN}])["TargetHealthDescriptions"]
    assert [t["Target"]["Id"] for t in found] == [PLAIN]


def test_another_target_group_is_not_found(world):
    other = world.portfolio.target_group + "0"
    with pytest.raises(AwsError, match="TargetGroupNotFound"):
        ask(world, "elasticloadbalancing:DescribeTargetHealth", TargetGroupArn=other)


def test_what_was_before_a_fault_or_a_scaling_stays_as_it_was(world):
    let_pass(world, SETTLED_S)
    world.fall_ill(programs.ANSWERS_LATE, tasks=1)
    world.fleet.scale(world.service, 3, world.clock.now())
    place = world.portfolio
    named = {"TargetGroup": place.target_group_suffix, "LoadBalancer": place.load_balancer_suffix}
    assert sums(world, "AWS/ApplicationELB", "HealthyHostCount", named, stat="Minimum", minutes=3) == [2, 2, 2]
    assert sums(world, "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", named, minutes=3) == []
