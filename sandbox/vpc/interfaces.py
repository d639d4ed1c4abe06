"""Network interfaces of tasks, of addresses registered by hand and of the load balancer's nodes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from ..ecs.fleet import Fleet
from ..load_balancing.targets import Targets
from ..names import ACCOUNT, CLUSTER, REGION, ecs_arn, hexadecimal, uuid
from ..wire import AwsError, Fake, Parameters
from .network import NODES, Network

Shape = dict[str, Any]


class Interfaces:
    """EC2's operation on network interfaces."""

    def __init__(self, fleet: Fleet, targets: Targets, network: Network, balancer: str) -> None:
        self._fleet = fleet
        self._targets = targets
        self._network = network
        self._balancer = balancer  # `app/portfolio-alb/50dc6c495c0c9188`

    def fakes(self) -> Mapping[str, Fake]:
        """What moto does not know of, because tasks are the fleet's."""
        return {"DescribeNetworkInterfaces": self.describe_network_interfaces}

    def describe_network_interfaces(self, asked: Parameters) -> Shape:
        """By id and by filters; a filter that is not modelled is not guessed."""
        found = list(self._all())
        if ids := asked.get("NetworkInterfaceIds"):
            found = [i for i in found if i["NetworkInterfaceId"] in ids]
            if len(found) < len(ids):
                raise AwsError(
                    "InvalidNetworkInterfaceID.NotFound", f"The networkInterface ID '{ids[0]}' does not exist"
                )
        for result in asked.get("Filters", ()):
            values = FILTERS.get(result["Name"])
            if values is None:
                raise NotImplementedError(f"the sandbox has no filter {result['Name']} of network interfaces")
            found = [i for i in found if any(fnmatchcase(v, w) for v in values(i) for w in result["Values"])]
        return {"NetworkInterfaces": found}

    def _all(self) -> Iterator[Shape]:
        for task in self._fleet.tasks:
            if task.live:
                service = self._fleet.service_of(task)
                description = ecs_arn(f"attachment/{uuid('attachment', task.id)}")
                of = {"aws:ecs:clusterName": CLUSTER, "aws:ecs:serviceName": service.name} if service else {}
                yield self._of_target(task.address, description, of)
        for address in dict.fromkeys(p.address for p in self._targets.plain):
            yield self._of_target(address, "", {})
        for node, subnet in zip(NODES, self._network.balancer_subnets, strict=True):
            groups = (self._network.balancer_group, "portfolio-alb")
            yield _shape(node, subnet, self._network.vpc, groups, f"ELB {self._balancer}", {})

    def _of_target(self, address: str, description: str, tags: Mapping[str, str]) -> Shape:
        groups = (self._network.task_group, "portfolio-tasks")
        return _shape(address, self._network.task_subnet, self._network.vpc, groups, description, tags)


def _shape(  # the parts of one answer
    address: str, subnet: str, vpc: str, group: tuple[str, str], description: str, tags: Mapping[str, str]
) -> Shape:
    return {
        "AvailabilityZone": f"{REGION}a",
        "Attachment": {
            "AttachmentId": f"eni-attach-{hexadecimal('attach', address, length=17)}",
            "AttachTime": ATTACHED,
            "DeleteOnTermination": False,
            "DeviceIndex": 1,
            "InstanceOwnerId": "amazon-aws",
            "Status": "attached",
        },
        "Description": description,
        "Groups": [{"GroupId": group[0], "GroupName": group[1]}],
        "InterfaceType": "interface",
        "NetworkInterfaceId": f"eni-{hexadecimal('eni', address, length=17)}",
        "OwnerId": ACCOUNT,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "RequesterManaged": bool(description),
        "Status": "in-use",
        "SubnetId": subnet,
        "TagSet": [{"Key": k, "Value": v} for k, v in tags.items()],
        "VpcId": vpc,
    }


ATTACHED = datetime.fromisoformat("2026-11-22T01:00:00+00:00")
FILTERS: Mapping[str, Callable[[Shape], list[str]]] = {
    "addresses.private-ip-address": lambda i: [i["PrivateIpAddress"]],
    "private-ip-address": lambda i: [i["PrivateIpAddress"]],
    "description": lambda i: [i["Description"]],
    "group-id": lambda i: [g["GroupId"] for g in i["Groups"]],
    "network-interface-id": lambda i: [i["NetworkInterfaceId"]],
    "subnet-id": lambda i: [i["SubnetId"]],
    "vpc-id": lambda i: [i["VpcId"]],
}
