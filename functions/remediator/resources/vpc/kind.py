"""A security group."""

import shlex

from ...core.model import Resource
from ...core.text import Text
from ..kind import ArnForm, ResourceKind, WriteCondition, tags_command


def _opt_in_command(resource: Resource) -> tuple[str, ...]:
    return tags_command("aws ec2 create-tags", f"--resources {shlex.quote(resource.name)}")


SECURITY_GROUP = ResourceKind(
    name="security_group",
    title=Text("security group", "セキュリティグループ"),
    arn=ArnForm(service="ec2", path=r"security-group/sg-[0-9a-f]{8,17}"),
    opt_in_command=_opt_in_command,
    write_condition=WriteCondition(
        opt_in_tag=("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"),
        destroying=("Delete*", "Terminate*"),
        tagging=("CreateTags", "DeleteTags"),
    ),
)
KINDS = (SECURITY_GROUP,)
