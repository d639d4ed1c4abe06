"""Readers of a service's way out: subnets with their routes, VPC endpoints, security groups, network ACLs."""

from collections.abc import Mapping, Sequence
from typing import Any

from ....core.errors import NotFound
from ....core.ports import Aws, Permission, Scope, reads
from ...vpc.egress import Endpoint, NetworkPlacement, Route, Subnet
from ...vpc.network_path import NetworkAcl, SecurityGroup
from ...vpc.readers import acl_of, group_of
from ..model import Service

SUBNETS_READ = 16  # AWS lets a service name at most 16
ENDPOINTS_READ = 100
TABLES_READ = 100
ROUTES_KEPT = 50
TO = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
VIA = (
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "NetworkInterfaceId",
    "InstanceId",
    "EgressOnlyInternetGatewayId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


@reads(
    Permission("ec2:DescribeSubnets"),
    Permission("ec2:DescribeRouteTables"),
    Permission("ec2:DescribeVpcEndpoints"),
)
def place(aws: Aws, scope: Scope, service: Service) -> NetworkPlacement:
    """The service's subnets with the routes that apply to them, and the VPC's endpoints.

    Raises:
        NotFound: the service has no network of its own (host or bridge mode), or its subnets are gone.
    """
    found = service.network.get("awsvpcConfiguration", {})
    ids = list(found.get("subnets", ()))[:SUBNETS_READ]
    if not ids:
        raise NotFound("the service names no subnets: its tasks use the network of their hosts")
    subnets = aws.call("ec2:DescribeSubnets", SubnetIds=ids)["Subnets"]
    vpc = subnets[0]["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    tables = aws.pages("ec2:DescribeRouteTables", "RouteTables", TABLES_READ, Filters=of_vpc)
    endpoints = aws.pages("ec2:DescribeVpcEndpoints", "VpcEndpoints", ENDPOINTS_READ, Filters=of_vpc)
    prefix = f"com.amazonaws.{scope.incident.resource.region}."
    return NetworkPlacement(
        vpc=vpc,
        subnets=tuple(_subnet(s, tables) for s in subnets),
        groups=tuple(found.get("securityGroups", ())),
        public_address=found.get("assignPublicIp") == "ENABLED",
        endpoints=tuple(_endpoint(e, prefix) for e in endpoints),
    )


def _subnet(response: Mapping[str, Any], tables: Sequence[Mapping[str, Any]]) -> Subnet:
    """With its own route table, else the main one of the VPC.

    Raises:
        NotFound: neither was read.
    """
    id = response["SubnetId"]
    own = next((t for t in tables if any(a.get("SubnetId") == id for a in t.get("Associations", ()))), None)
    table = own or next((t for t in tables if any(a.get("Main") for a in t.get("Associations", ()))), None)
    if table is None:
        raise NotFound(f"no route table of subnet {id}")
    routes = [_route(r) for r in table.get("Routes", ())]
    default = [r for r in routes if r.to.endswith("/0")]
    others = [r for r in routes if r not in default]
    return Subnet(
        id=id,
        cidr=response.get("CidrBlock", ""),
        table=table["RouteTableId"],
        routes=(*default, *others[:ROUTES_KEPT]),
    )


def _route(response: Mapping[str, Any]) -> Route:
    return Route(
        to=next((response[name] for name in TO if response.get(name)), ""),
        via=next((response[name] for name in VIA if response.get(name)), "?"),
        active=response.get("State", "active") == "active",
    )


def _endpoint(response: Mapping[str, Any], prefix: str) -> Endpoint:
    return Endpoint(
        id=response["VpcEndpointId"],
        service=str(response.get("ServiceName", "")).removeprefix(prefix),
        gateway=response.get("VpcEndpointType") == "Gateway",
        available=str(response.get("State", "")).lower() == "available",
        private_dns=bool(response.get("PrivateDnsEnabled")),
        groups=tuple(g["GroupId"] for g in response.get("Groups", ())),
        tables=tuple(response.get("RouteTableIds", ())),
    )


@reads(Permission("ec2:DescribeSecurityGroups"))
def way_groups(aws: Aws, scope: Scope, place: NetworkPlacement) -> tuple[SecurityGroup, ...]:
    """The security groups of the tasks and of the VPC's endpoints, with their rules and tags."""
    del scope
    ids = sorted({*place.groups, *(g for e in place.endpoints for g in e.groups)})
    found = aws.call("ec2:DescribeSecurityGroups", GroupIds=ids)["SecurityGroups"] if ids else ()
    return tuple(group_of(g) for g in found)


@reads(Permission("ec2:DescribeNetworkAcls"))
def way_acls(aws: Aws, scope: Scope, place: NetworkPlacement) -> tuple[NetworkAcl, ...]:
    """The network ACLs before the service's subnets; their IPv4 lines."""
    del scope
    filters = [{"Name": "association.subnet-id", "Values": [s.id for s in place.subnets]}]
    return tuple(acl_of(a) for a in aws.call("ec2:DescribeNetworkAcls", Filters=filters)["NetworkAcls"])
