"""Whether a task in a subnet reaches the AWS services it needs: endpoints, routes, security groups, network ACLs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Literal

from ...core.evidence import Unchecked
from .network_path import REPLY_PORTS, NetworkAcl, Rule, SecurityGroup

HTTPS = 443


ANYWHERE = "0.0.0.0/0"


ANYWHERE_6 = "::/0"


State = Literal["open", "closed", "unknown"]


By = Literal["endpoint", "nat", "internet", "endpoint_group", "egress", "acl", "public_address", "route", "elsewhere"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route: `to` is a CIDR or a prefix list, `via` the id of what it leads to."""

    to: str
    via: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnet:
    """One subnet of the service, with the routes of its own table or of the VPC's main one."""

    id: str
    cidr: str = ""
    table: str = ""
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One VPC endpoint; `service` is what follows the region in its service's name, `ecr.api`."""

    id: str
    service: str
    gateway: bool = False
    available: bool = True
    private_dns: bool = False
    groups: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPlacement:
    """Where a service's tasks run.

    Attributes:
        public_address: whether its tasks get a public IPv4 address.
    """

    vpc: str
    subnets: tuple[Subnet, ...]
    groups: tuple[str, ...]
    public_address: bool = False
    endpoints: tuple[Endpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EgressPath:
    """How packets of a task in one subnet fare on their way to one service; `by` is what decides, `at` names it."""

    subnet: str
    service: str
    state: State
    by: By
    at: tuple[str, ...] = field(default=())


def egress_paths(
    place: NetworkPlacement, services: Sequence[str], groups: Sequence[SecurityGroup], acls: Sequence[NetworkAcl]
) -> tuple[EgressPath, ...]:
    """The way from each subnet to each service.

    Raises:
        Unchecked: a security group or an ACL that decides was not read.
    """
    known = {g.id: g for g in groups}
    return tuple(_way(place, subnet, service, known, acls) for subnet in place.subnets for service in services)


def _way(
    place: NetworkPlacement, subnet: Subnet, service: str, groups: dict[str, SecurityGroup], acls: Sequence[NetworkAcl]
) -> EgressPath:
    endpoint = _endpoint(place, subnet, service)
    if endpoint and not endpoint.gateway:
        return _by_endpoint(place, subnet, service, endpoint, groups)
    way = _by_route(place, subnet, service) if endpoint is None else None
    if way and way.state != "open":
        return way
    if not _leaves(place, groups, peers=(), cidr=ANYWHERE):
        return EgressPath(subnet=subnet.id, service=service, state="closed", by="egress", at=place.groups)
    if (acl := _shut(subnet, acls)) is not None:
        return EgressPath(subnet=subnet.id, service=service, state="closed", by="acl", at=(acl,))
    if way:
        return way
    assert endpoint is not None  # noqa: S101  # a gateway: all else has returned
    return EgressPath(subnet=subnet.id, service=service, state="open", by="endpoint", at=(endpoint.id,))


def _endpoint(place: NetworkPlacement, subnet: Subnet, service: str) -> Endpoint | None:
    """The endpoint that takes the packets: with private DNS the service's name leads to it wherever routes go."""
    here = [e for e in place.endpoints if e.service == service and e.available]
    gateway = next((e for e in here if e.gateway and subnet.table in e.tables), None)
    return gateway or next((e for e in here if not e.gateway and e.private_dns), None)


def _by_endpoint(
    place: NetworkPlacement, subnet: Subnet, service: str, endpoint: Endpoint, groups: dict[str, SecurityGroup]
) -> EgressPath:
    theirs = _known(endpoint.groups, groups)
    admitted = _speaks(tuple(r for g in theirs for r in g.ingress), place.groups, subnet.cidr)
    if not admitted:
        return EgressPath(subnet=subnet.id, service=service, state="closed", by="endpoint_group", at=endpoint.groups)
    if not _leaves(place, groups, peers=endpoint.groups, cidr=""):
        return EgressPath(subnet=subnet.id, service=service, state="closed", by="egress", at=place.groups)
    return EgressPath(subnet=subnet.id, service=service, state="open", by="endpoint", at=(endpoint.id,))


def _by_route(place: NetworkPlacement, subnet: Subnet, service: str) -> EgressPath:
    values = {"subnet": subnet.id, "service": service}
    default = next((r for r in subnet.routes if r.to == ANYWHERE), None)
    if default is None or not default.active:
        others = [
            r for r in subnet.routes if r.to != ANYWHERE and r.active and not r.via.startswith(("local", "vpce-"))
        ]
        if others:  # a narrower route or one of IPv6 may lead there
            return EgressPath(**values, state="unknown", by="elsewhere", at=tuple(r.via for r in others))
        return EgressPath(**values, state="closed", by="route", at=(subnet.table,))
    if default.via.startswith("igw-"):
        if place.public_address:
            return EgressPath(**values, state="open", by="internet", at=(default.via,))
        by_6 = tuple(r.via for r in subnet.routes if r.to == ANYWHERE_6 and r.active)
        if by_6:  # a task with an IPv6 address needs no public IPv4 one
            return EgressPath(**values, state="unknown", by="elsewhere", at=by_6)
        return EgressPath(**values, state="closed", by="public_address", at=(default.via,))
    if default.via.startswith("nat-"):
        return EgressPath(**values, state="open", by="nat", at=(default.via,))
    return EgressPath(**values, state="unknown", by="elsewhere", at=(default.via,))


def _leaves(place: NetworkPlacement, groups: dict[str, SecurityGroup], peers: Sequence[str], cidr: str) -> bool:
    """Whether the tasks' groups let HTTPS out; a rule that names addresses alone is taken to lead to an endpoint."""
    rules = [r for g in _known(place.groups, groups) for r in g.egress if r.covers(HTTPS)]
    if any(set(peers) & set(r.groups) for r in rules):
        return True
    cidrs = [c for r in rules for c in r.cidrs]
    if any(r.prefix_lists for r in rules) and ANYWHERE not in cidrs:
        raise Unchecked("an egress rule names a prefix list, whose addresses are not read")
    return bool(cidrs) if not cidr else bool(cidrs and _any_wide(cidrs))


def _any_wide(cidrs: Sequence[str]) -> bool:
    if ANYWHERE in cidrs:
        return True
    raise Unchecked("egress rules name addresses, and those of the service are not known")


def _speaks(rules: Sequence[Rule], peers: Sequence[str], cidr: str) -> bool:
    """Whether HTTPS is admitted from the groups or from the whole subnet."""
    covering = [r for r in rules if r.covers(HTTPS)]
    if any(set(peers) & set(r.groups) for r in covering):
        return True
    if cidr and any(_contains(c, cidr) for r in covering for c in r.cidrs):
        return True
    if any(r.prefix_lists for r in covering):
        raise Unchecked("a rule of the endpoint's group names a prefix list, whose addresses are not read")
    if any(_overlaps(c, cidr) for r in covering for c in r.cidrs):
        raise Unchecked("a rule of the endpoint's group admits a part of the subnet only")
    return False


def _contains(outer: str, inner: str) -> bool:
    try:
        wide, narrow = ip_network(outer, strict=False), ip_network(inner, strict=False)
    except ValueError:
        return False
    return wide.version == narrow.version and wide.overlaps(narrow) and wide.prefixlen <= narrow.prefixlen


def _overlaps(one: str, other: str) -> bool:
    try:
        first, second = ip_network(one, strict=False), ip_network(other, strict=False)
    except ValueError:
        return not other  # the subnet's addresses are not known
    return first.version == second.version and first.overlaps(second)


def _known(ids: Sequence[str], groups: dict[str, SecurityGroup]) -> tuple[SecurityGroup, ...]:
    unread = [id for id in ids if id not in groups]
    if unread or not ids:
        raise Unchecked(f"security groups not read: {', '.join(unread) or 'none is named'}")
    return tuple(groups[id] for id in ids)


def _shut(subnet: Subnet, acls: Sequence[NetworkAcl]) -> str | None:
    """The ACL that lets no HTTPS out of the subnet, or no reply back in, to or from any address."""
    acl = next((a for a in acls if subnet.id in a.subnets), None)
    if acl is None:
        raise Unchecked(f"the network ACL of subnet {subnet.id} is not known")
    replies = all(_denies_all(acl, port, egress=False) for port in REPLY_PORTS)
    return acl.id if replies or _denies_all(acl, HTTPS, egress=True) else None


def _denies_all(acl: NetworkAcl, port: int, *, egress: bool) -> bool:
    for entry in sorted((e for e in acl.entries if e.egress == egress), key=lambda e: e.number):
        of_port = entry.protocol == "-1" or (
            entry.protocol in ("tcp", "6") and entry.from_port <= port <= entry.to_port
        )
        if of_port and entry.allow:
            return False
        if of_port and entry.cidr == ANYWHERE:
            return True
    return True
