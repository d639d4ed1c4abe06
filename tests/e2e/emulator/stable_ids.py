"""Ids that are the same in every run: a workload can be declared before its load balancer or distribution is made."""

import itertools
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from ministack.services import alb

from .patches import patch, speaks

HANDLERS = "ministack.services.cloudformation.provisioners._RESOURCE_HANDLERS"
CREATE = "ministack.services.cloudformation.provisioners"
OF_GROUPS = (alb._tgs, alb._targets, alb._tags, alb._tg_attrs)
OF_BALANCERS = (alb._lbs, alb._tags, alb._lb_attrs)


def id_of(name: str) -> str:
    """16 hexadecimal digits, as AWS's are, that are always the same for a name."""
    return sha256(name.encode()).hexdigest()[:16]


@patch(
    of=HANDLERS,
    at=("AWS::ElasticLoadBalancingV2::TargetGroup", "create"),
    lacks="draws ids of target groups that are not hexadecimal, as AWS's are, and forgets the first word of a full name",
    still=speaks(f"{CREATE}._elbv2_target_group_create", "ascii_lowercase"),
)
def name_groups(original: Any) -> Any:
    """`targetgroup/NAME/ID` with the id of the name."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        arn, attributes = original(logical_id, props, stack_name)
        renamed, found = _rename(OF_GROUPS, arn, attributes)
        return renamed, {**found, "TargetGroupFullName": renamed.rpartition(":")[2]}

    return create


@patch(
    of=HANDLERS,
    at=("AWS::ElasticLoadBalancingV2::LoadBalancer", "create"),
    lacks="draws ids of load balancers that are not hexadecimal, as AWS's are",
    still=speaks("ministack.services.alb._short_id", "ascii_lowercase"),
)
def name_balancers(original: Any) -> Any:
    """`app/NAME/ID` with the id of the name."""

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        return _rename(OF_BALANCERS, *original(logical_id, props, stack_name))

    return create


@patch(
    of="ministack.services.cloudfront._dist_id",
    lacks="draws ids of distributions (and of their origin access controls), so that none can be declared beforehand",
    still=speaks("ministack.services.cloudfront._dist_id", "random"),
)
def number_distributions(_original: Any) -> Any:
    """The first that is made always has the same id, the second another."""
    made = itertools.count()
    return lambda: "E" + sha256(f"distribution {next(made)}".encode()).hexdigest()[:13].upper()


def _rename(stores: tuple[Any, ...], arn: str, attributes: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    _, name, drawn = arn.rsplit("/", 2)

    def renamed(value: Any) -> Any:
        return json.loads(json.dumps(value).replace(drawn, id_of(name)))

    new = str(renamed(arn))
    for store in stores:
        store[new] = renamed(store.pop(arn))
    return new, renamed(dict(attributes))
