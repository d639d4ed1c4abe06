"""Network ACLs: every subnet is before one, and an entry holds for its ports."""

import uuid
from typing import Any

from ministack.services import ec2

from .patches import patch, silent

EVERY = "-1"
LAST_RULE = 32767
EC2 = "ministack.services.ec2"


def of_subnet(subnet: str) -> dict[str, Any]:
    """The network ACL before a subnet: the VPC's default one unless another was associated."""
    _associate_all()
    found: dict[str, Any] = next(
        (a for a in ec2._network_acls.values() if any(s["SubnetId"] == subnet for s in a["Associations"])),
        {
            "Entries": [
                {"RuleNumber": 100, "Protocol": EVERY, "RuleAction": "allow", "Egress": e, "CidrBlock": "0.0.0.0/0"}
                for e in (True, False)
            ]
        },
    )
    return found


def _associate_all() -> None:
    """Each subnet that stands before no ACL gets its VPC's default one."""
    known = {s["SubnetId"] for a in ec2._network_acls.values() for s in a["Associations"]}
    for subnet in list(ec2._subnets.values()):
        acl = (ec2._vpcs.get(subnet["VpcId"]) or {}).get("DefaultNetworkAclId")
        if subnet["SubnetId"] not in known and acl in ec2._network_acls:
            ec2._network_acls[acl]["Associations"].append(_association(subnet["SubnetId"]))


def _association(subnet: str) -> dict[str, str]:
    return {"NetworkAclAssociationId": f"aclassoc-0{uuid.uuid4().hex[:16]}", "SubnetId": subnet}


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("CreateNetworkAcl",),
    lacks="makes network ACLs without the last rule, which denies",
    still=silent(f"{EC2}._create_network_acl", "32767"),
)
def deny_at_last(original: Any) -> Any:
    """A new ACL denies everything until an entry allows something."""

    def create(params: dict[str, Any]) -> Any:
        before = set(ec2._network_acls)
        answer = original(params)
        for acl in (ec2._network_acls[i] for i in set(ec2._network_acls) - before):
            acl["Entries"] = [_last(egress=False), _last(egress=True)]
        return answer

    return create


def _last(*, egress: bool) -> dict[str, Any]:
    return {
        "RuleNumber": LAST_RULE,
        "Protocol": EVERY,
        "RuleAction": "deny",
        "Egress": egress,
        "CidrBlock": "0.0.0.0/0",
    }


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("CreateNetworkAclEntry",),
    lacks="forgets the ports of an entry of a network ACL",
    still=silent(f"{EC2}._create_network_acl_entry", "PortRange"),
)
def keep_ports(original: Any) -> Any:
    """An entry holds for its ports alone."""
    return _with_ports(original)


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("ReplaceNetworkAclEntry",),
    lacks="forgets the ports of a replaced entry of a network ACL",
    still=silent(f"{EC2}._replace_network_acl_entry", "PortRange"),
)
def keep_replaced_ports(original: Any) -> Any:
    """The same of an entry that replaces another."""
    return _with_ports(original)


def _with_ports(original: Any) -> Any:
    def change(params: dict[str, Any]) -> Any:
        answer = original(params)
        first, last = ec2._p(params, "PortRange.From"), ec2._p(params, "PortRange.To")
        if answer[0] == 200 and first:
            ec2._network_acls[ec2._p(params, "NetworkAclId")]["Entries"][-1]["PortRange"] = (int(first), int(last))
        return answer

    return change


@patch(
    of=f"{EC2}._network_acl_entry_xml",
    lacks="does not tell the ports of an entry of a network ACL",
    still=silent(f"{EC2}._network_acl_entry_xml", "portRange"),
)
def tell_ports(original: Any) -> Any:
    """DescribeNetworkAcls tells the ports of an entry that has some."""

    def in_xml(entry: dict[str, Any]) -> str:
        text = str(original(entry))
        if "PortRange" not in entry:
            return text
        first, last = entry["PortRange"]
        end = text.rindex("</item>")
        return f"{text[:end]}<portRange><from>{first}</from><to>{last}</to></portRange>{text[end:]}"

    return in_xml


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("DescribeNetworkAcls",),
    lacks="associates no subnet with an ACL, and ignores the filters by association",
    still=silent(f"{EC2}._describe_network_acls", "association.subnet-id"),
)
def find_acls(original: Any) -> Any:
    """Every subnet is before one ACL, and can be found by it."""

    def describe(params: dict[str, Any]) -> Any:
        _associate_all()
        subnets = ec2._parse_filters(params).get("association.subnet-id")
        if subnets is None:
            return original(params)
        found = [i for i, a in ec2._network_acls.items() if any(s["SubnetId"] in subnets for s in a["Associations"])]
        named = {f"NetworkAclId.{n}": [i] for n, i in enumerate(found or ["acl-none"], start=1)}
        return original({**params, **named})

    return describe


@patch(
    of=f"{EC2}._ACTION_MAP",
    at=("ReplaceNetworkAclAssociation",),
    lacks="loses the subnet when its ACL is replaced",
    still=silent(f"{EC2}._replace_network_acl_association", 'SubnetId"] ='),
)
def keep_subnet(original: Any) -> Any:
    """The subnet stands behind the new ACL."""

    def replace(params: dict[str, Any]) -> Any:
        _associate_all()
        asked = ec2._p(params, "AssociationId")
        held = [s for a in ec2._network_acls.values() for s in a["Associations"]]
        subnet = next((s["SubnetId"] for s in held if s["NetworkAclAssociationId"] == asked), "")
        if not subnet:
            return ec2._error("InvalidAssociationID.NotFound", f"The association ID '{asked}' does not exist", 400)
        answer = original(params)
        if answer[0] == 200:
            ec2._network_acls[ec2._p(params, "NetworkAclId")]["Associations"][-1]["SubnetId"] = subnet
        return answer

    return replace
