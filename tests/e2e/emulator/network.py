"""Whether a packet from a load balancer reaches a target: security groups and network ACLs as EC2's API holds them."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from ministack.services import ec2

from . import acls, interfaces
from .acls import EVERY

TCP = ("6", "tcp")
EPHEMERAL_PORTS = (1024, 65535)  # from which a load balancer's node asks


def reaches(balancer: Mapping[str, Any], address: str, port: int, vpc: str) -> bool:
    """Whether every node of the load balancer gets an answer from an address and port."""
    target = interfaces.at(address)
    subnet = target["SubnetId"] if target else _subnet_of(address, vpc)
    groups = [g["GroupId"] for g in target["Groups"]] if target else None
    return all(
        _let_out(node, address, port, groups)
        and _let_in(node, groups, port)
        and _acl_lets(node["SubnetId"], subnet, node["PrivateIpAddress"], address, port)
        for node in interfaces.of_balancer(balancer)
    )


def _let_out(node: Mapping[str, Any], address: str, port: int, groups: list[str] | None) -> bool:
    own = [g["GroupId"] for g in node["Groups"]]
    return any(_admits(rule, port, groups or (), address) for rule in _rules(own, "IpPermissionsEgress"))


def _let_in(node: Mapping[str, Any], groups: list[str] | None, port: int) -> bool:
    """An address without an interface here has no group that could refuse."""
    if groups is None:
        return True
    of_node = [g["GroupId"] for g in node["Groups"]]
    return any(_admits(rule, port, of_node, node["PrivateIpAddress"]) for rule in _rules(groups, "IpPermissions"))


def _rules(groups: Iterable[str], direction: str) -> list[Mapping[str, Any]]:
    return [rule for g in groups for rule in (ec2._security_groups.get(g) or {}).get(direction, ())]


def _admits(rule: Mapping[str, Any], port: int, groups: Iterable[str], address: str) -> bool:
    protocol = str(rule.get("IpProtocol", EVERY))
    fits = int(rule.get("FromPort", 0)) <= port <= int(rule.get("ToPort", 65535))
    if protocol != EVERY and not (protocol in TCP and fits):
        return False
    named = {p.get("GroupId") for p in rule.get("UserIdGroupPairs", ())}
    ranges = [r["CidrIp"] for r in rule.get("IpRanges", ())]
    return bool(named & set(groups)) or any(within(address, r) for r in ranges)


def _acl_lets(from_subnet: str, to_subnet: str, source: str, target: str, port: int) -> bool:
    """There and back; within a subnet no ACL is asked."""
    if from_subnet == to_subnet:
        return True
    back = EPHEMERAL_PORTS
    return (
        _acl_says(from_subnet, target, (port, port), egress=True)
        and _acl_says(to_subnet, source, (port, port), egress=False)
        and _acl_says(to_subnet, source, back, egress=True)
        and _acl_says(from_subnet, target, back, egress=False)
    )


def _acl_says(subnet: str, other_end: str, ports: tuple[int, int], *, egress: bool) -> bool:
    entries = [e for e in acls.of_subnet(subnet)["Entries"] if e["Egress"] == egress and "CidrBlock" in e]
    for entry in sorted(entries, key=lambda e: e["RuleNumber"]):
        low, high = entry.get("PortRange", (0, 65535))
        fits = str(entry["Protocol"]) == EVERY or (
            str(entry["Protocol"]) in TCP and low <= ports[0] and ports[1] <= high
        )
        if fits and within(other_end, entry["CidrBlock"]):
            return bool(entry["RuleAction"] == "allow")
    return False


def _subnet_of(address: str, vpc: str) -> str:
    ours = (s for s in ec2._subnets.values() if s["VpcId"] == vpc)
    return next((s["SubnetId"] for s in ours if within(address, s["CidrBlock"])), "")


def within(address: str, block: str) -> bool:
    """Whether an address is in a block."""
    return ip_address(address) in ip_network(block, strict=False)
