"""What remediate may read, and one fix role per runbook that writes: all from what the runbooks declare."""

from collections.abc import Iterable, Mapping

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from constructs import Construct

from remediator.core.runbook import AnyRunbook
from remediator.gates.evidence import GateEvidence
from remediator.recovery.runbook import bound_to
from remediator.remediation.context_evidence import ContextEvidence

from .functions import fix_role_name
from .permissions import Statement, fix_role_suffix, read_statements, write_statements


class Roles(Construct):
    """The fix roles by runbook; gives `remediate` the right to read and to assume them."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbooks: tuple[AnyRunbook, ...],
        remediate: iam.IRole,
        pass_roles: tuple[str, ...],
    ) -> None:
        super().__init__(scope, id)
        self.reads = iam.Policy(
            self,
            "Reads",
            roles=[remediate],
            statements=_statements(read_statements(runbooks, bound_to(runbooks), (ContextEvidence, GateEvidence))),
        )
        self.fix: Mapping[str, iam.Role] = {
            r.id: self._fix_role(r, remediate, pass_roles) for r in runbooks if r.writes()
        }
        if self.fix:
            assumes = iam.PolicyStatement(
                actions=["sts:AssumeRole"], resources=[role.role_arn for role in self.fix.values()]
            )
            iam.Policy(self, "Assumes", roles=[remediate], statements=[assumes])

    def _fix_role(self, runbook: AnyRunbook, remediate: iam.IRole, pass_roles: tuple[str, ...]) -> iam.Role:
        suffix = fix_role_suffix(runbook.id)
        only_remediate = iam.AccountRootPrincipal().with_conditions(
            {"ArnEquals": {"aws:PrincipalArn": remediate.role_arn}}
        )
        fixes = iam.PolicyDocument(statements=_statements(write_statements(runbook, pass_roles)))
        return iam.Role(
            self,
            "Fix" + "".join(part.capitalize() for part in suffix.split("-")),
            role_name=fix_role_name(suffix),
            description=f"Changes of the runbook {runbook.id}; narrowed to one plan whenever it is assumed.",
            assumed_by=only_remediate,
            max_session_duration=Duration.hours(1),
            inline_policies={"Fixes": fixes},
        )


def _statements(declared: Iterable[Statement]) -> list[iam.PolicyStatement]:
    return [
        iam.PolicyStatement(
            effect=iam.Effect.ALLOW if s.effect == "Allow" else iam.Effect.DENY,
            actions=list(s.actions),
            resources=[_filled(r) for r in s.resources],
            conditions=dict(s.conditions) or None,
        )
        for s in declared
    ]


def _filled(template: str) -> str:
    """An ARN's form with the deployment's own partition, region and account."""
    return (
        template.replace("{partition}", Aws.PARTITION)
        .replace("{region}", Aws.REGION)
        .replace("{account}", Aws.ACCOUNT_ID)
    )
