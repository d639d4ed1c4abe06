"""Whether a starting task reaches the services that ECS calls for it."""

from dataclasses import replace

import pytest

from remediator.core.evidence import Unchecked
from remediator.problems.ecs_task_not_starting.network_blocked import named_services, services_of
from remediator.resources.ecs.task_setup import SecretRef
from remediator.resources.vpc.egress import Route, egress_paths
from remediator.resources.vpc.network_path import AclEntry, Rule
from tests.problems.ecs_task_not_starting.samples import (
    ALL_ENDPOINTS,
    ENDPOINT_GROUP,
    NAT,
    NEW_IMAGE,
    SECRET,
    TASK_GROUP,
    acl,
    endpoint,
    gateway,
    group,
    https_from,
    place,
    setup,
)

GROUPS = (group(TASK_GROUP), group(ENDPOINT_GROUP))
ADMITTED = (group(TASK_GROUP), group(ENDPOINT_GROUP, https_from(TASK_GROUP)))
INTERNET = replace(NAT, via="igw-0a")


def way(here, service="ecr.api", groups=GROUPS, acls=None):
    (found,) = egress_paths(here, (service,), groups, acls or (acl(),))
    return found.state, found.by


@pytest.mark.parametrize(
    ("here", "found"),
    [
        (place(NAT), ("open", "nat")),
        (place(), ("closed", "route")),
        (place(replace(NAT, active=False)), ("closed", "route")),
        (place(INTERNET, public_address=True), ("open", "internet")),
        (place(INTERNET), ("closed", "public_address")),
        (place(INTERNET, Route(to="::/0", via="igw-0a")), ("unknown", "elsewhere")),
        (place(Route(to="::/0", via="eigw-0a")), ("unknown", "elsewhere")),
        (place(replace(NAT, via="tgw-0a")), ("unknown", "elsewhere")),
        (place(Route(to="pl-aws", via="tgw-0a")), ("unknown", "elsewhere")),
        (place(Route(to="pl-s3", via="vpce-s3")), ("closed", "route")),
    ],
)
def test_without_an_endpoint_the_routes_decide_and_what_lies_beyond_is_unknown(here, found):
    assert way(here) == found


def test_with_private_dns_the_endpoint_takes_the_packets_whatever_the_routes_say():
    assert way(place(NAT, endpoints=ALL_ENDPOINTS)) == ("closed", "endpoint_group")
    assert way(place(endpoints=ALL_ENDPOINTS), groups=ADMITTED) == ("open", "endpoint")


@pytest.mark.parametrize("changes", [{"private_dns": False}, {"available": False}])
def test_an_endpoint_that_names_do_not_lead_to_is_none(changes):
    assert way(place(NAT, endpoints=(endpoint("ecr.api", **changes),))) == ("open", "nat")
    assert way(place(endpoints=(endpoint("ecr.api", **changes),))) == ("closed", "route")


def test_an_endpoints_group_may_admit_the_subnets_addresses():
    def admitting(cidr):
        return (
            group(TASK_GROUP),
            group(ENDPOINT_GROUP, Rule(protocol="tcp", from_port=0, to_port=65535, cidrs=(cidr,))),
        )

    here = place(endpoints=ALL_ENDPOINTS)
    assert way(here, groups=admitting("10.0.0.0/16")) == ("open", "endpoint")
    assert way(here, groups=admitting("10.9.0.0/16")) == ("closed", "endpoint_group")
    with pytest.raises(Unchecked, match="part of the subnet"):
        way(here, groups=admitting("10.0.8.0/24"))


def test_a_gateway_endpoint_serves_the_subnets_whose_table_has_it():
    assert way(place(endpoints=(gateway(),)), "s3") == ("open", "endpoint")
    elsewhere = replace(gateway(), tables=("rtb-other",))
    assert way(place(endpoints=(elsewhere,)), "s3") == ("closed", "route")


def test_the_tasks_own_group_may_let_nothing_out():
    shut = (group(TASK_GROUP, egress=False), group(ENDPOINT_GROUP, https_from(TASK_GROUP)))
    assert way(place(NAT), groups=shut) == ("closed", "egress")
    assert way(place(endpoints=ALL_ENDPOINTS), groups=shut) == ("closed", "egress")


def test_egress_to_some_addresses_only_cannot_be_judged():
    some = (
        replace(group(TASK_GROUP), egress=(Rule(protocol="tcp", from_port=443, to_port=443, cidrs=("10.0.0.0/8",)),)),
    )
    with pytest.raises(Unchecked):
        way(place(NAT), groups=some)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (AclEntry(number=1, egress=True, allow=False), ("closed", "acl")),
        (AclEntry(number=1, egress=False, allow=False), ("closed", "acl")),
        (AclEntry(number=1, egress=True, allow=False, protocol="6", from_port=80, to_port=80), ("open", "nat")),
        (AclEntry(number=1, egress=True, allow=False, cidr="10.0.0.0/8"), ("open", "nat")),
        (AclEntry(number=200, egress=True, allow=False), ("open", "nat")),
    ],
)
def test_an_acl_closes_the_way_only_where_it_denies_every_address(entry, found):
    assert way(place(NAT), acls=(acl(entry),)) == found


def test_what_was_not_read_is_never_open_or_closed():
    with pytest.raises(Unchecked, match="security groups not read"):
        way(place(endpoints=ALL_ENDPOINTS), groups=(group(TASK_GROUP),))
    with pytest.raises(Unchecked, match="ACL"):
        egress_paths(place(NAT), ("logs",), GROUPS, ())


def test_a_revision_tells_which_services_its_start_needs():
    secret = SecretRef(container="api", name="A", source=SECRET)
    parameter = SecretRef(container="api", name="B", source="/portfolio/b")
    assert services_of(setup(secrets=(secret, parameter))) == (
        "ecr.api",
        "ecr.dkr",
        "s3",
        "secretsmanager",
        "ssm",
        "logs",
    )
    assert services_of(setup(images=("docker.io/library/nginx:1",), logs=())) == ("internet",)


@pytest.mark.parametrize(
    ("named", "services"),
    [
        ({"endpoint": "api.ecr.ap-northeast-1.amazonaws.com"}, ("ecr.api",)),
        ({"endpoint": "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"}, ("ecr.dkr", "s3")),
        ({"endpoint": "logs.ap-northeast-1.amazonaws.com"}, ("logs",)),
        ({"endpoint": "registry-1.docker.io", "image": "docker.io/library/nginx:1"}, ("internet",)),
        ({"secret": SECRET}, ("secretsmanager",)),
        ({"parameter": "arn:aws:ssm:r:a:parameter/x"}, ("ssm",)),
        ({"image": NEW_IMAGE}, ("ecr.dkr", "s3")),
        ({"host": "10.0.9.5:443"}, ()),
        ({}, ()),
    ],
)
def test_what_the_words_name_belongs_to_a_service(named, services):
    assert named_services(named) == services
