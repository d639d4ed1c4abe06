"""Network interfaces: one for each task and for each subnet of a load balancer, and the filters to find them by."""

import fnmatch
import itertools
import random
import uuid
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from ministack.services import alb, ec2

from .admin import ACCOUNT, REGION
from .patches import patch, silent

FIRST_HOST = 10  # AWS keeps the first four addresses of a subnet; load balancers get the next ones here
_hosts = itertools.count(FIRST_HOST)


def attach(network: Mapping[str, Any], tags: Mapping[str, str]) -> dict[str, Any] | None:
    """The attachment of a new interface for a task; None where the network mode has none."""
    config = network.get("awsvpcConfiguration")
    if not config:
        return None
    attachment = str(uuid.uuid4())
    described = f"arn:aws:ecs:{REGION}:{ACCOUNT}:attachment/{attachment}"
    made = _make(config["subnets"][0], config.get("securityGroups") or (), described)
    if tags:
        ec2._tags[made["NetworkInterfaceId"]] = [{"Key": k, "Value": v} for k, v in tags.items()]
    details = {
        "subnetId": made["SubnetId"],
        "networkInterfaceId": made["NetworkInterfaceId"],
        "macAddress": made["MacAddress"],
        "privateDnsName": f"ip-{made['PrivateIpAddress'].replace('.', '-')}.{REGION}.compute.internal",
        "privateIPv4Address": made["PrivateIpAddress"],
    }
    return {
        "id": attachment,
        "type": "ElasticNetworkInterface",
        "status": "PRECREATED",
        "details": [{"name": k, "value": v} for k, v in details.items()],
    }


def attached(task: Mapping[str, Any]) -> None:
    """The task's interface is in use."""
    for attachment in task["attachments"]:
        attachment["status"] = "ATTACHED"


def detach(task: Mapping[str, Any]) -> None:
    """The task's interface is gone."""
    for attachment in task["attachments"]:
        attachment["status"] = "DELETED"
        ec2._network_interfaces.pop(_detail(attachment, "networkInterfaceId"), None)


def address(attachment: Mapping[str, Any]) -> str:
    """The address of an attached interface."""
    return _detail(attachment, "privateIPv4Address")


def address_of(task: Mapping[str, Any]) -> str:
    """A task's address, empty where it has none."""
    return next((address(a) for a in task["attachments"]), "")


def zone_of(attachment: Mapping[str, Any]) -> str:
    """The zone of an attached interface."""
    return zone(_detail(attachment, "subnetId"))


def zone(subnet: str) -> str:
    """The zone of a subnet."""
    found = ec2._subnets.get(subnet) or {}
    return str(found.get("AvailabilityZone", f"{REGION}a"))


def at(address: str) -> dict[str, Any] | None:
    """The interface that has an address."""
    return next((i for i in ec2._network_interfaces.values() if i["PrivateIpAddress"] == address), None)


def of_balancer(balancer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A load balancer's own interfaces: one in each of its subnets, made when they are first looked for."""
    described = f"ELB {balancer['LoadBalancerArn'].split(':loadbalancer/', 1)[1]}"
    made = [i for i in ec2._network_interfaces.values() if i["Description"] == described]
    if not made:
        made = [_make(s, balancer.get("SecurityGroups") or (), described) for s in balancer.get("Subnets", ())]
    for each in made:  # SetSecurityGroups changes them
        each["Groups"] = _groups(balancer.get("SecurityGroups") or ())
    return made


def zone_at(address: str) -> str:
    """The zone of an address: that of its interface, else of the subnet that it lies in; empty outside of all."""
    if place := at(address):
        return str(place["AvailabilityZone"])
    lies = (s for s in ec2._subnets.values() if ip_address(address) in ip_network(s["CidrBlock"]))
    return next((zone(s["SubnetId"]) for s in lies), "")


def _make(subnet: str, groups: Any, described: str) -> dict[str, Any]:
    place = ec2._subnets.get(subnet) or {}
    network = ip_network(place.get("CidrBlock", "10.0.0.0/16"))
    made = {
        "NetworkInterfaceId": f"eni-0{uuid.uuid4().hex[:16]}",
        "SubnetId": subnet,
        "VpcId": place.get("VpcId", ""),
        "AvailabilityZone": zone(subnet),
        "Description": described,
        "OwnerId": ACCOUNT,
        "Status": "in-use",
        "PrivateIpAddress": str(network[next(_hosts) % (network.num_addresses - FIRST_HOST)]),
        "InterfaceType": "interface",
        "SourceDestCheck": True,
        "MacAddress": ":".join(f"{random.randrange(256):02x}" for _ in range(6)),  # noqa: S311  # nobody relies on it
        "Groups": _groups(groups),
        "Attachment": None,
    }
    ec2._network_interfaces[made["NetworkInterfaceId"]] = made
    return made


def _groups(ids: Any) -> list[dict[str, str]]:
    return [{"GroupId": g, "GroupName": (ec2._security_groups.get(g) or {}).get("GroupName", g)} for g in ids]


def _detail(attachment: Mapping[str, Any], name: str) -> str:
    return str(next((d["value"] for d in attachment["details"] if d["name"] == name), ""))


@patch(
    of="ministack.services.ec2._ACTION_MAP",
    at=("DescribeNetworkInterfaces",),
    lacks="ignores the filters of DescribeNetworkInterfaces, and load balancers have no interfaces",
    still=silent("ministack.services.ec2._describe_network_interfaces", "_parse_filters"),
)
def find_interfaces(original: Any) -> Any:
    """Filters by address, description, groups, ids, subnet, VPC, state and tags; others are an error."""

    def describe(params: dict[str, Any]) -> Any:
        for balancer in alb._lbs.values():
            of_balancer(balancer)
        filters = ec2._parse_filters(params)
        if unknown := sorted(n for n in filters if n not in _FILTERS and not n.startswith("tag")):
            return ec2._error("InvalidParameterValue", f"The filter '{unknown[0]}' is invalid", 400)
        if not filters:
            return original(params)
        found = [i["NetworkInterfaceId"] for i in ec2._network_interfaces.values() if _passes(i, filters)]
        ids = ec2._parse_member_list(params, "NetworkInterfaceId")
        kept = [i for i in found if not ids or i in ids]
        named = {f"NetworkInterfaceId.{n}": [i] for n, i in enumerate(kept or ["eni-none"], start=1)}
        return original(named)

    return describe


def _passes(interface: Mapping[str, Any], filters: Mapping[str, list[str]]) -> bool:
    if not ec2._resource_matches_tag_filters(interface["NetworkInterfaceId"], dict(filters)):
        return False
    plain = {n: wanted for n, wanted in filters.items() if n in _FILTERS}
    return all(
        any(fnmatch.fnmatchcase(value, w) for value in _FILTERS[name](interface) for w in wanted)
        for name, wanted in plain.items()
    )


def _in_attachment(member: str) -> Any:
    def values(interface: Mapping[str, Any]) -> Iterator[str]:
        held = interface.get("Attachment") or {}
        if member in held:
            yield str(held[member])

    return values


_FILTERS: Mapping[str, Any] = {
    "addresses.private-ip-address": lambda i: [i["PrivateIpAddress"]],
    "private-ip-address": lambda i: [i["PrivateIpAddress"]],
    "attachment.device-index": _in_attachment("DeviceIndex"),
    "attachment.instance-id": _in_attachment("InstanceId"),
    "availability-zone": lambda i: [i["AvailabilityZone"]],
    "description": lambda i: [i["Description"]],
    "group-id": lambda i: [g["GroupId"] for g in i["Groups"]],
    "network-interface-id": lambda i: [i["NetworkInterfaceId"]],
    "status": lambda i: [i["Status"]],
    "subnet-id": lambda i: [i["SubnetId"]],
    "vpc-id": lambda i: [i["VpcId"]],
}
