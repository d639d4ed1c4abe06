"""The portfolio's network in moto, and whether it lets the load balancer reach its targets."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ec2.models import ec2_backends

from .. import names

Clients = Callable[[str], Any]
VPC_CIDR = "10.0.0.0/16"
BALANCER_CIDRS = {"a": "10.0.0.0/24", "c": "10.0.1.0/24"}
TASKS_CIDR = "10.0.8.0/21"  # the fleet's addresses begin with 10.0.10
TASKS = "10.0.8.0"
NODES = ("10.0.0.11", "10.0.1.11")  # the load balancer's own addresses, one in each of its subnets
DENIED_FIRST = 50  # number of an entry that comes before the default ones
EVERY = "-1"
TCP = ("tcp", "6")


@dataclass(frozen=True, slots=True)
class Network:
    """Ids of what lies between the load balancer and its targets."""

    vpc: str
    balancer_subnets: tuple[str, ...]
    task_subnet: str
    balancer_group: str
    task_group: str
    task_acl: str
    task_table: str = ""
    nat_gateway: str = ""

    def lets_through(self, port: int) -> bool:
        """Whether the load balancer's packets reach the targets on `port`: both security groups, then the ACL."""
        here = _backend()
        ingress = here.get_security_group_from_id(self.task_group).ingress_rules
        egress = here.get_security_group_from_id(self.balancer_group).egress_rules
        admitted = any(_admits(r, port, self.balancer_group, NODES) for r in ingress)
        sent = any(_admits(r, port, self.task_group, (TASKS,)) for r in egress)
        return admitted and sent and all(self._acl_allows(port, node) for node in NODES)

    def _acl_allows(self, port: int, node: str) -> bool:
        entries = [e for e in _backend().network_acls[self.task_acl].network_acl_entries if _is_ingress(e)]
        deciding = (e for e in sorted(entries, key=lambda e: int(e.rule_number)) if _speaks_of(e, port, node))
        return next((e.rule_action == "allow" for e in deciding), False)


def build(clients: Clients) -> Network:
    """A VPC with public subnets for the load balancer, a private one for the tasks, and a security group for each."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock=VPC_CIDR)["Vpc"]["VpcId"]
    public = tuple(_subnet(ec2, vpc, cidr, zone) for zone, cidr in BALANCER_CIDRS.items())
    private = _subnet(ec2, vpc, TASKS_CIDR, "a")
    balancer, tasks = (_group(ec2, vpc, name) for name in ("portfolio-alb", "portfolio-tasks"))
    anyone = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.authorize_security_group_ingress(GroupId=balancer, IpPermissions=[anyone])
    ec2.authorize_security_group_ingress(GroupId=tasks, IpPermissions=[rule_for(balancer)])
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for egress in (False, True):
        ec2.create_network_acl_entry(**_entry(acl, 100, "allow", egress=egress))
    default = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [private]}])
    associations = default["NetworkAcls"][0]["Associations"]
    held = next(a["NetworkAclAssociationId"] for a in associations if a["SubnetId"] == private)
    ec2.replace_network_acl_association(AssociationId=held, NetworkAclId=acl)
    return Network(vpc, public, private, balancer, tasks, acl)


def let_out(clients: Clients, place: Network) -> Network:
    """The same with a NAT gateway in a public subnet, to which the tasks' default route leads."""
    ec2 = clients("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=place.vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = ec2.create_nat_gateway(SubnetId=place.balancer_subnets[0], AllocationId=address)
    nat = str(made["NatGateway"]["NatGatewayId"])
    table = str(ec2.create_route_table(VpcId=place.vpc)["RouteTable"]["RouteTableId"])
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    ec2.associate_route_table(RouteTableId=table, SubnetId=place.task_subnet)
    return replace(place, task_table=table, nat_gateway=nat)


def shut_in(clients: Clients, place: Network, *services: str, admitted: bool = True) -> str:
    """Interface endpoints instead of the way to the internet; the id of their security group.

    Args:
        clients: boto3's.
        place: where.
        services: `ecr.api` and the like; `s3` becomes a gateway endpoint.
        admitted: whether the endpoints' security group admits the tasks on 443.
    """
    ec2 = clients("ec2")
    group = _group(ec2, place.vpc, "portfolio-endpoints")
    if admitted:
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule_for(place.task_group, 443)])
    for service in services:
        named = {"VpcId": place.vpc, "ServiceName": f"com.amazonaws.{names.REGION}.{service}"}
        if service == "s3":
            ec2.create_vpc_endpoint(**named, VpcEndpointType="Gateway", RouteTableIds=[place.task_table])
            continue
        within = {"SubnetIds": [place.task_subnet], "SecurityGroupIds": [group], "PrivateDnsEnabled": True}
        ec2.create_vpc_endpoint(**named, VpcEndpointType="Interface", **within)
    ec2.delete_route(RouteTableId=place.task_table, DestinationCidrBlock="0.0.0.0/0")
    return group


def rule_for(group: str, port: int = names.PORT) -> dict[str, Any]:
    """TCP on one port from the members of a group."""
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": group}]}


def denial(network: Network, port: int = names.PORT) -> dict[str, Any]:
    """CreateNetworkAclEntry for one that stands before the others of the tasks' ACL."""
    return _entry(network.task_acl, DENIED_FIRST, "deny", protocol="6", PortRange={"From": port, "To": port})


def _subnet(ec2: Any, vpc: str, cidr: str, zone: str) -> str:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=f"{names.REGION}{zone}")
    return str(made["Subnet"]["SubnetId"])


def _group(ec2: Any, vpc: str, name: str) -> str:
    tags = [{"ResourceType": "security-group", "Tags": [{"Key": "auto-remediation", "Value": "auto"}]}]
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc, TagSpecifications=tags)
    return str(made["GroupId"])


def _entry(
    acl: str, number: int, action: str, *, egress: bool = False, protocol: str = EVERY, **more: Any
) -> dict[str, Any]:
    return {
        "NetworkAclId": acl,
        "RuleNumber": number,
        "Protocol": protocol,
        "RuleAction": action,
        "Egress": egress,
        "CidrBlock": "0.0.0.0/0",
        **more,
    }


def _backend() -> Any:
    return ec2_backends[DEFAULT_ACCOUNT_ID][names.REGION]


def _admits(rule: Any, port: int, group: str, addresses: Iterable[str]) -> bool:
    of_port = rule.ip_protocol == EVERY or (rule.ip_protocol in TCP and rule.from_port <= port <= rule.to_port)
    if not of_port:
        return False
    cidr = rule.ip_range.get("CidrIp")
    return rule.source_group.get("GroupId") == group or bool(cidr and all(_within(a, cidr) for a in addresses))


def _is_ingress(entry: Any) -> bool:
    return str(entry.egress).lower() != "true"


def _speaks_of(entry: Any, port: int, address: str) -> bool:
    if not entry.cidr_block or not _within(address, entry.cidr_block):
        return False
    if str(entry.protocol) == EVERY:
        return True
    return str(entry.protocol) in TCP and int(entry.port_range_from) <= port <= int(entry.port_range_to)


def _within(address: str, cidr: str) -> bool:
    return ip_address(address) in ip_network(cidr)
