"""Whether the load balancer reaches the port that the application listens on, as far as the readings tell."""

from collections.abc import Sequence

from ...core.evidence import Unchecked
from ...core.runbook import Setting
from ...resources.load_balancing.model import TargetState
from ...resources.load_balancing.target_health import failing_as
from ...resources.vpc.network_path import Block, Path, block
from .evidence import Evidence
from .ports import PortDifference, port_difference


def ports(e: Evidence, setting: Setting) -> PortDifference:
    """How registrations and health-check port differ from the right port; raises `Unchecked` where nothing tells it."""
    declared = setting.workload.port if setting.workload else 0
    return port_difference(e.group.get(), e.behind.get(), declared, e.container_ports)


def other_port(e: Evidence, setting: Setting) -> bool:
    """Whether a target is known to be registered or checked on another port than the right one."""
    try:
        wrong = ports(e, setting)
    except Unchecked:
        return False  # an answer came, so something listens; only a known difference speaks against it
    return bool(wrong.registered) or wrong.checked is not None


def misdirected(e: Evidence, setting: Setting) -> tuple[TargetState, ...]:
    """Targets that do not answer because of the port that they are registered or checked on."""
    unreached = failing_as(e.group.get(), "silent", "not_connected")
    if not unreached:
        return ()
    wrong = ports(e, setting)
    return unreached if wrong.checked is not None else tuple(t for t in unreached if t in wrong.registered)


def known_misdirected(e: Evidence, setting: Setting) -> bool:
    """Whether there are such; a port that nothing tells does not make an open group of a closed one."""
    try:
        return bool(misdirected(e, setting))
    except Unchecked:
        return False


def reachable(e: Evidence, setting: Setting) -> bool:
    """Whether port, groups and ACLs are known to be right; raises `Unchecked` where they are not known."""
    return not misdirected(e, setting) and not blocks(e, failing_as(e.group.get(), "silent"))


def blocks(e: Evidence, targets: Sequence[TargetState]) -> tuple[Block, ...]:
    """What stops the load balancer's packets on their way to these targets."""
    if not targets:
        return ()
    group = e.group.get()
    known = {g.id: g for g in e.security_groups.get()}
    path = Path(balancer=e.balancer.get(), interfaces=e.interfaces.get(), groups=known, acls=e.acls)
    found = (block(t, group.checked_port(t), path) for t in targets)
    return tuple(b for b in found if b)
