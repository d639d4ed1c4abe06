"""The ledger: incidents, locks and budgets in one table, and the kill switch beside it."""

from aws_cdk import ArnFormat, RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from .declared import Declared

_INTAKE = ("GetItem", "PutItem", "UpdateItem")
_REMEDIATE = (*_INTAKE, "BatchGetItem", "ConditionCheckItem", "DeleteItem")  # it gives its own lock back
_APPROVE = ("GetItem", "UpdateItem")
_WIDGET = ("GetItem", "Scan")
_SLACK = ("GetItem",)


class Ledger(Construct):
    """The table and the switch. Both outlive a mistake: the table is kept, the switch is never put back."""

    def __init__(self, scope: Construct, id: str, declared: Declared) -> None:
        super().__init__(scope, id)
        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            encryption=dynamodb.TableEncryption.AWS_MANAGED,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            time_to_live_attribute="purge_at",
            removal_policy=RemovalPolicy.RETAIN,
        )
        self._calendars = [self._calendar(c) for c in declared.settings.freeze_calendars]
        # A change of any property below would write the value again and undo what a person set (docs/why/0013).
        self.switch = ssm.StringParameter(
            self,
            "Switch",
            parameter_name=declared.settings.switch_parameter,
            string_value=declared.switch,
            description="Remediator: off, observe, approve or auto. Change the value here, not in the template.",
            allowed_pattern="^(off|observe|approve|auto)$",
        )

    def let_intake(self, role: iam.Role) -> None:
        """Opening and joining."""
        self._let(role, _INTAKE)

    def let_remediate(self, role: iam.Role) -> None:
        """Moving incidents on, the right to change, reading the switch and the change calendars."""
        self._let(role, _REMEDIATE)
        role.add_to_policy(iam.PolicyStatement(actions=["ssm:GetParameter"], resources=[self.switch.parameter_arn]))
        if self._calendars:
            role.add_to_policy(iam.PolicyStatement(actions=["ssm:GetCalendarState"], resources=self._calendars))

    def _calendar(self, named: str) -> str:
        """The ARN of a change calendar, which SSM keeps as a document."""
        if named.startswith("arn:"):
            return named
        return Stack.of(self).format_arn(
            service="ssm", resource="document", resource_name=named, arn_format=ArnFormat.SLASH_RESOURCE_NAME
        )

    def let_approve(self, role: iam.Role) -> None:
        """Finding a question and writing down its answer."""
        self._let(role, _APPROVE)

    def let_widget(self, role: iam.Role) -> None:
        """Looking, and nothing more."""
        self._let(role, _WIDGET)

    def let_slack(self, role: iam.Role) -> None:
        """Reading what a report was made of."""
        self._let(role, _SLACK)

    def _let(self, role: iam.Role, items: tuple[str, ...]) -> None:
        actions = [f"dynamodb:{i}" for i in items]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[self.table.table_arn]))
