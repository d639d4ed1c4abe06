"""Whether a load balancer's packets may reach a target: security groups and network ACLs. Source: AWS, VPC user guide."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Literal

from ...core.evidence import Reading, Unchecked
from ..load_balancing.model import TargetState

TCP = ("tcp", "6")
EVERY = "-1"
REPLY_PORTS = (1024, 32768, 65535)  # ALB nodes use 1024-65535; a reply is denied for sure where all three are


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One permission of a security group, for one protocol and one range of ports."""

    protocol: str
    from_port: int = -1
    to_port: int = -1
    groups: tuple[str, ...] = ()
    cidrs: tuple[str, ...] = ()
    prefix_lists: tuple[str, ...] = ()

    def covers(self, port: int) -> bool:
        """Whether it speaks of TCP on `port`."""
        return self.protocol == EVERY or (self.protocol in TCP and self.from_port <= port <= self.to_port)

    @property
    def lines(self) -> tuple[str, ...]:
        """One text for each peer: AWS puts rules of equal ports together in any way it likes."""
        peers = (*self.groups, *self.cidrs, *self.prefix_lists)
        return tuple(f"{self.protocol} {self.from_port}-{self.to_port} {peer}" for peer in peers)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityGroup:
    """One security group; `owner` is the account that may change it."""

    id: str
    name: str = ""
    owner: str = ""
    ingress: tuple[Rule, ...] = ()
    egress: tuple[Rule, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def ingress_text(self) -> str:
        """Its ingress rules as one text that is equal for equal rules."""
        return rules_text(line for rule in self.ingress for line in rule.lines)


def rules_text(lines: Iterable[str]) -> str:
    """Lines of rules as one text, each once and in order."""
    return "; ".join(sorted(set(lines))) or "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class AclEntry:
    """One numbered line of a network ACL, IPv4 only."""

    number: int
    egress: bool
    allow: bool
    protocol: str = EVERY
    cidr: str = "0.0.0.0/0"
    from_port: int = 0
    to_port: int = 65535

    def speaks_of(self, address: str, port: int) -> bool:
        """Whether it decides on TCP between its subnet and `address` on `port`."""
        of_port = self.protocol == EVERY or (self.protocol in TCP and self.from_port <= port <= self.to_port)
        return of_port and _within(address, self.cidr)


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAcl:
    """One network ACL with the subnets it stands before."""

    id: str
    subnets: tuple[str, ...] = ()
    entries: tuple[AclEntry, ...] = ()

    def allows(self, address: str, port: int, *, egress: bool) -> bool:
        """The lowest numbered line that speaks of it decides; where none does, it is denied."""
        ordered = sorted((e for e in self.entries if e.egress == egress), key=lambda e: e.number)
        return next((e.allow for e in ordered if e.speaks_of(address, port)), False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One network interface: of a target, or of the load balancer itself."""

    address: str
    subnet: str = ""
    groups: tuple[str, ...] = ()
    instance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interfaces:
    """The interfaces of both ends."""

    targets: tuple[Interface, ...] = ()
    balancer: tuple[Interface, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadBalancer:
    """One load balancer with its own security groups and subnets."""

    arn: str
    groups: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """What lies between a load balancer and its targets; the ACLs are asked for only where the groups let through."""

    balancer: LoadBalancer
    interfaces: Interfaces
    groups: Mapping[str, SecurityGroup]
    acls: Reading[tuple[NetworkAcl, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Where packets to one target end: `names` are the security groups or the ACL that stop them."""

    target: str
    port: int
    by: Literal["ingress", "egress", "acl"]
    names: tuple[str, ...]


def block(target: TargetState, port: int, path: Path) -> Block | None:
    """What keeps the load balancer from reaching `target` on `port`, None where nothing does.

    Raises:
        Unchecked: half of the path is not known, so neither can be said.
    """
    here = _interface(target, path.interfaces)
    balancer, theirs = _groups(path.balancer.groups, path), _groups(here.groups, path)
    addresses = [i.address for i in path.interfaces.balancer]
    if not _admitted([r for g in theirs for r in g.ingress], port, path.balancer.groups, addresses):
        return Block(target=target.id, port=port, by="ingress", names=here.groups)
    if not _admitted([r for g in balancer for r in g.egress], port, here.groups, [here.address]):
        return Block(target=target.id, port=port, by="egress", names=path.balancer.groups)
    denying = _denying_acl(here, port, path)
    return Block(target=target.id, port=port, by="acl", names=(denying,)) if denying else None


def _interface(target: TargetState, interfaces: Interfaces) -> Interface:
    found = next((i for i in interfaces.targets if target.id in (i.address, i.instance)), None)
    if found is None or not found.groups:
        raise Unchecked(f"the network interface of target {target.id} is not known")
    return found


def _groups(ids: Sequence[str], path: Path) -> tuple[SecurityGroup, ...]:
    missing = [id for id in ids if id not in path.groups]
    if missing or not ids:
        raise Unchecked(f"security groups not read: {', '.join(missing) or 'the load balancer has none'}")
    return tuple(path.groups[id] for id in ids)


def _admitted(rules: Sequence[Rule], port: int, groups: Sequence[str], addresses: Sequence[str]) -> bool:
    speaking = [r for r in rules if r.covers(port)]
    if any(set(groups) & set(r.groups) for r in speaking):
        return True
    cidrs = [c for r in speaking for c in r.cidrs]
    if addresses and all(any(_within(a, c) for c in cidrs) for a in addresses):
        return True
    if any(r.prefix_lists for r in speaking):
        raise Unchecked("a rule admits a prefix list, whose addresses are not read")
    if cidrs and not addresses:
        raise Unchecked("a rule admits addresses, and the load balancer's own are not known")
    return False


def _within(address: str, cidr: str) -> bool:
    try:
        return ip_address(address) in ip_network(cidr, strict=False)
    except ValueError:
        return False


def _denying_acl(here: Interface, port: int, path: Path) -> str | None:
    acls = path.acls.get()
    if not path.interfaces.balancer:
        raise Unchecked("the load balancer's own addresses are not known")
    for node in path.interfaces.balancer:
        if node.subnet == here.subnet:
            continue  # ACLs stand between subnets
        near, far = _acl_of(node.subnet, acls), _acl_of(here.subnet, acls)
        there = ((near, here.address, True), (far, node.address, False))
        back = ((far, node.address, True), (near, here.address, False))
        for acl, peer, egress in there:
            if not acl.allows(peer, port, egress=egress):
                return acl.id
        for acl, peer, egress in back:
            if not any(acl.allows(peer, reply, egress=egress) for reply in REPLY_PORTS):
                return acl.id
    return None


def _acl_of(subnet: str, acls: Sequence[NetworkAcl]) -> NetworkAcl:
    found = next((a for a in acls if subnet in a.subnets), None)
    if found is None:
        raise Unchecked(f"the network ACL of subnet {subnet} is not known")
    return found
