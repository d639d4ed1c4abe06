"""The guide's portfolio as a stack of its own, and what the emulator's CloudFormation cannot make of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from remediator.core.serialization import Json

from .emulator_process import Emulator
from .stacks import Deployed, changed, deploy

TEMPLATE = Path(__file__).parent / "portfolio.template.json"
STACK = "portfolio"
PAGES = {
    "assets/app.1.js": "start()",
    "about.html": "<p>about</p>",
    "index.html": '<script src="/assets/app.1.js"></script><a href="/about.html">about</a>',
}
NOT_IN_THE_EMULATOR = ("AWS::EC2::NetworkAcl", "AWS::EC2::NetworkAclEntry", "AWS::EC2::SubnetNetworkAclAssociation")


@dataclass(frozen=True, slots=True)
class Portfolio(Deployed):
    """The stack; an output has the name that the template gives it: `TargetGroupArn`, `TaskGroup`, `TaskAcl`, ..."""

    def __getitem__(self, output: str) -> str:
        """An output of the stack."""
        return self.outputs[output]

    @property
    def site(self) -> Mapping[str, str]:
        """What is declared of the site where a distribution stands before it, by its name in the settings."""
        known = {"distribution": "DistributionId", "bucket": "BucketName"}
        return {k: self[o] for k, o in known.items()} if "DistributionId" in self.outputs else {}

    @property
    def watched(self) -> Mapping[str, str]:
        """Parameters of the product's stack, for the alarms of this load balancer and its targets."""
        return {
            "PortfolioLoadBalancer": self["LoadBalancerSuffix"],
            "PortfolioTargetGroup": self["TargetGroupSuffix"],
        }


def deploy_portfolio(emulator: Emulator, *, mode: str = "auto", **parameters: str) -> Portfolio:
    """The portfolio.

    Args:
        mode: value of the opt-in tag on everything; `none` leaves it out.
        parameters: others of the template: `CircuitBreaker="true"`, `Version="1.4.2"`, `GraceSeconds="60"`, ...

    Raises:
        DeploymentError: with the reasons.
    """
    given = {"SiteName": "portfolio-site", "Mode": mode, **parameters}
    body = changed(TEMPLATE.read_text(), lambda t: with_numbers(without_what_the_emulator_lacks(t), given))
    stack = deploy(emulator, STACK, body, given)
    made = Portfolio(**{f.name: getattr(stack, f.name) for f in fields(stack)})
    if grace_s := int(given.get("GraceSeconds", "0")):  # the emulator's CloudFormation drops it
        emulator.client("ecs").update_service(
            cluster=made["ClusterName"], service=made["ServiceArn"], healthCheckGracePeriodSeconds=grace_s
        )
    if made.site:
        publish(emulator, made["BucketName"], mode)
    acl = _network_acl(emulator.client("ec2"), made["VpcId"], made["TaskSubnet"])
    suffix = made["TargetGroupArn"].rpartition(":")[2]  # of TargetGroupFullName the emulator forgets the first word
    return replace(made, outputs={**made.outputs, "TaskAcl": acl, "TargetGroupSuffix": suffix})


def publish(emulator: Emulator, bucket: str, mode: str) -> None:
    """The site's pages, and the bucket's tags, which the emulator's CloudFormation drops."""
    tags = {"project": "portfolio", **({} if mode == "none" else {"auto-remediation": mode})}
    values = {"TagSet": [{"Key": k, "Value": v} for k, v in tags.items()]}
    emulator.client("s3").put_bucket_tagging(Bucket=bucket, Tagging=values)
    for key, body in PAGES.items():
        emulator.client("s3").put_object(Bucket=bucket, Key=key, Body=body.encode(), ContentType="text/html")


def without_what_the_emulator_lacks(template: Json) -> Json:
    """The same template less the types that its CloudFormation does not know; the EC2 API makes those."""
    kept = {k: r for k, r in template["Resources"].items() if r["Type"] not in NOT_IN_THE_EMULATOR}
    outputs = {k: o for k, o in template["Outputs"].items() if o["Value"].get("Ref", next(iter(kept))) in kept}
    return {**template, "Resources": kept, "Outputs": outputs}


def with_numbers(template: Json, parameters: Mapping[str, str]) -> Json:
    """The same with numbers and booleans where parameters stand for such: the emulator hands on their text."""
    declared = template["Parameters"]
    values: dict[str, Any] = {
        name: json.loads(str(parameters.get(name, found["Default"])))
        for name, found in declared.items()
        if found["Type"] == "Number" or set(found.get("AllowedValues", ())) == {"true", "false"}
    }
    return {**template, "Resources": _in_place(template["Resources"], values)}


def _in_place(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        if value.get("Ref") in values:
            return values[value["Ref"]]
        return {k: _in_place(v, values) for k, v in value.items()}
    return [_in_place(v, values) for v in value] if isinstance(value, list) else value


def _network_acl(ec2: Any, vpc: str, subnet: str) -> str:
    acl = str(ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"])
    for egress in (False, True):
        ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=egress, CidrBlock="0.0.0.0/0"
        )
    held = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["NetworkAcls"]
    for association in (a for found in held for a in found["Associations"] if a["SubnetId"] == subnet):
        ec2.replace_network_acl_association(AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl)
    return acl
