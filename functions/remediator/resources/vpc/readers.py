"""Readers of what lies between a load balancer and its targets: interfaces, security groups, network ACLs."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...core.errors import NotFound
from ...core.ports import Aws, Permission, Scope, reads
from ..load_balancing.model import TargetGroup
from .network_path import AclEntry, Interface, Interfaces, LoadBalancer, NetworkAcl, Rule, SecurityGroup

TARGETS_LOOKED_UP = 50  # interfaces of more targets say nothing new
INTERFACES_READ = 200


@reads(Permission("elasticloadbalancing:DescribeLoadBalancers"))
def load_balancer(aws: Aws, scope: Scope, group: TargetGroup) -> LoadBalancer:
    """The load balancer that checks the targets.

    Raises:
        NotFound: the target group is used by none.
    """
    del scope
    if not group.load_balancers:
        raise NotFound("no load balancer uses this target group")
    arn = group.load_balancers[0]
    found = aws.call("elasticloadbalancing:DescribeLoadBalancers", LoadBalancerArns=[arn])["LoadBalancers"]
    if not found:
        raise NotFound(f"load balancer {arn} does not exist")
    return LoadBalancer(
        arn=arn,
        groups=tuple(found[0].get("SecurityGroups", ())),
        subnets=tuple(z["SubnetId"] for z in found[0].get("AvailabilityZones", ()) if "SubnetId" in z),
    )


@reads(Permission("ec2:DescribeNetworkInterfaces"))
def interfaces(aws: Aws, scope: Scope, group: TargetGroup) -> Interfaces:
    """The network interfaces of the targets and of the load balancer's own nodes."""
    del scope
    nodes = tuple(f"ELB {arn.split(':loadbalancer/', 1)[1]}" for arn in group.load_balancers)
    own = _interfaces(aws, [{"Name": "description", "Values": list(nodes)}]) if nodes else ()
    return Interfaces(targets=tuple(_interface(i) for i in of_targets(aws, group)), balancer=_addressed(own))


def of_targets(aws: Aws, group: TargetGroup) -> Sequence[Mapping[str, Any]]:
    """The targets' network interfaces as AWS gives them; none for what has no interface of its own."""
    ids = sorted({t.id for t in group.targets})[:TARGETS_LOOKED_UP]
    if not ids or group.target_type not in ("ip", "instance"):
        return ()
    if group.target_type == "instance":  # the load balancer reaches an instance by its first interface
        first = {"Name": "attachment.device-index", "Values": ["0"]}
        return _interfaces(aws, [{"Name": "attachment.instance-id", "Values": ids}, first])
    vpc = {"Name": "vpc-id", "Values": [group.vpc]}
    return _interfaces(aws, [{"Name": "addresses.private-ip-address", "Values": ids}, vpc])


def _interfaces(aws: Aws, filters: list[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    return aws.pages("ec2:DescribeNetworkInterfaces", "NetworkInterfaces", INTERFACES_READ, Filters=filters)


def _interface(response: Mapping[str, Any]) -> Interface:
    return Interface(
        address=response.get("PrivateIpAddress", ""),
        subnet=response.get("SubnetId", ""),
        groups=tuple(g["GroupId"] for g in response.get("Groups", ())),
        instance=response.get("Attachment", {}).get("InstanceId", ""),
    )


def _addressed(mappings: Sequence[Mapping[str, Any]]) -> tuple[Interface, ...]:
    return tuple(i for i in map(_interface, mappings) if i.address)


@reads(Permission("ec2:DescribeSecurityGroups"))
def security_groups(
    aws: Aws, scope: Scope, balancer: LoadBalancer, interfaces: Interfaces
) -> tuple[SecurityGroup, ...]:
    """The security groups of both ends with their rules and tags."""
    del scope
    ids = sorted({*balancer.groups, *(g for i in interfaces.targets for g in i.groups)})
    found = aws.call("ec2:DescribeSecurityGroups", GroupIds=ids)["SecurityGroups"] if ids else ()
    return tuple(group_of(g) for g in found)


def group_of(response: Mapping[str, Any]) -> SecurityGroup:
    """One security group of DescribeSecurityGroups."""
    return SecurityGroup(
        id=response["GroupId"],
        name=response.get("GroupName", ""),
        owner=response.get("OwnerId", ""),
        ingress=tuple(_rule(r) for r in response.get("IpPermissions", ())),
        egress=tuple(_rule(r) for r in response.get("IpPermissionsEgress", ())),
        tags={t["Key"]: t.get("Value", "") for t in response.get("Tags", ())},
    )


def _rule(response: Mapping[str, Any]) -> Rule:
    cidrs = (
        *(r["CidrIp"] for r in response.get("IpRanges", ())),
        *(r["CidrIpv6"] for r in response.get("Ipv6Ranges", ())),
    )
    return Rule(
        protocol=response.get("IpProtocol", ""),
        from_port=response.get("FromPort", -1),
        to_port=response.get("ToPort", -1),
        groups=tuple(p["GroupId"] for p in response.get("UserIdGroupPairs", ()) if "GroupId" in p),
        cidrs=cidrs,
        prefix_lists=tuple(p["PrefixListId"] for p in response.get("PrefixListIds", ())),
    )


@reads(Permission("ec2:DescribeNetworkAcls"))
def network_acls(aws: Aws, scope: Scope, interfaces: Interfaces) -> tuple[NetworkAcl, ...]:
    """The network ACLs before the subnets of both ends; their IPv4 lines."""
    del scope
    subnets = sorted({i.subnet for i in (*interfaces.targets, *interfaces.balancer) if i.subnet})
    if not subnets:
        return ()
    filters = [{"Name": "association.subnet-id", "Values": subnets}]
    found = aws.call("ec2:DescribeNetworkAcls", Filters=filters)["NetworkAcls"]
    return tuple(acl_of(a) for a in found)


def acl_of(response: Mapping[str, Any]) -> NetworkAcl:
    """One network ACL of DescribeNetworkAcls; its IPv4 lines."""
    return NetworkAcl(
        id=response["NetworkAclId"],
        subnets=tuple(s["SubnetId"] for s in response.get("Associations", ())),
        entries=tuple(_entry(e) for e in response.get("Entries", ()) if "CidrBlock" in e),
    )


def _entry(response: Mapping[str, Any]) -> AclEntry:
    ports = response.get("PortRange", {})
    return AclEntry(
        number=response["RuleNumber"],
        egress=response["Egress"],
        allow=response["RuleAction"] == "allow",
        protocol=response["Protocol"],
        cidr=response["CidrBlock"],
        from_port=ports.get("From", 0),
        to_port=ports.get("To", 65535),
    )
