"""The Lambda functions: intake, remediate (durable, behind an alias), approve, and the dashboard's widget."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aws_cdk import Aws, CfnCondition, Duration, Fn, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import ROOT
from remediator.core.ports import GLOBAL_REGION

from .bundle.build import Bundle
from .declared import Declared
from .events.inbox import INTAKE_TIMEOUT, Inbox
from .events.leases import Leases
from .ledger import Ledger
from .notifications.channels import Channels

PYPROJECT = ROOT / "pyproject.toml"
MEMORY_MIB = 512  # parallel reads need the CPU share that comes with it
EXECUTION_TIMEOUT = Duration.hours(3)  # a question, held once, and a verification: two and a half at most
EXECUTIONS_KEPT = Duration.days(14)
PEOPLE_WAIT = Duration.seconds(30)  # for an answer on a screen


def fix_role_prefix() -> str:
    """What every fix role's ARN begins with; the runbook's id with `-` for `_` follows."""
    return f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/{fix_role_name('')}"


def fix_role_name(suffix: str) -> str:
    """A fix role's name; the region is in it because names are the account's, not the region's."""
    return f"remediator-{Aws.REGION}-fix-{suffix}"


# Regions with durable functions and without function URLs. Source: AWS, Lambda, "Creating and managing Lambda function URLs".
WITHOUT_URLS = ("ap-southeast-5", "ap-southeast-7", "eu-south-2")


@dataclass(frozen=True, slots=True)
class SharedResources:
    """What the functions work with."""

    channels: Channels
    inbox: Inbox
    ledger: Ledger
    leases: Leases


class Functions(Construct):
    """The functions with the roles they run as; what remediate may read and assume is added by `roles`."""

    def __init__(
        self, scope: Construct, id: str, *, bundle: Bundle, declared: Declared, beside: SharedResources
    ) -> None:
        super().__init__(scope, id)
        self._declared = declared
        self._code = lambda_.Code.from_asset(str(bundle.folder), asset_hash=bundle.hash)
        self._environment = _environment(beside.channels, beside.ledger)
        self.remediate = self._remediate(beside)
        self.durable = self._let_checkpoint()
        self.alias = self.remediate.add_alias("live", retry_attempts=2, max_event_age=Duration.hours(1))
        self.alias.node.add_dependency(self.durable)  # no execution begins before it may checkpoint
        self.intake = self._intake(beside.inbox)
        beside.inbox.let_send(self.remediate_role)  # a hand-over is a signal like any other
        beside.leases.let_put_down(self.remediate_role)
        self.approve = self._approve()
        self.approve_url, self.has_url = self._answers_by_url()
        self.widget = self._widget()
        beside.ledger.let_intake(_role(self.intake))
        beside.ledger.let_remediate(_role(self.remediate))
        beside.ledger.let_approve(_role(self.approve))
        beside.ledger.let_widget(_role(self.widget))
        beside.channels.let_publish(_role(self.intake))
        beside.channels.let_publish(_role(self.remediate))

    @property
    def remediate_role(self) -> iam.Role:
        """Who reads, and who alone may assume the fix roles."""
        return _role(self.remediate)

    def beside_them(self, id: str, handler: str, *, timeout: Duration, **rest: Any) -> lambda_.Function:
        """A further function of the same bundle, with a role and a log of its own."""
        return self._function(id, handler, timeout=timeout, **rest)

    def tell_of_workloads(self, given: Mapping[str, Mapping[str, str]]) -> None:
        """Lets the functions know what of the workloads is given at deployment and stands in no settings."""
        if given:
            found = Stack.of(self).to_json_string(given)
            for function in (self.intake, self.remediate):
                function.add_environment("WORKLOADS_GIVEN", found)

    def _remediate(self, beside: SharedResources) -> lambda_.Function:
        inbox = beside.inbox
        return self._function(
            "Remediate",
            "remediator.remediation.workflow.handle",
            timeout=Duration.minutes(5),
            environment={
                "FIX_ROLE_PREFIX": fix_role_prefix(),
                "INTAKE_QUEUE": inbox.intake.queue_url,
                **beside.leases.environment,
            },
            durable_config=lambda_.DurableConfig(execution_timeout=EXECUTION_TIMEOUT, retention_period=EXECUTIONS_KEPT),
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.RETAIN),
            dead_letter_queue=inbox.remediate_dead,
        )

    def _let_checkpoint(self) -> iam.Policy:
        # A policy of its own: the function waits for its role's first policy, which therefore cannot name it.
        checkpoints = iam.PolicyStatement(
            actions=["lambda:CheckpointDurableExecution", "lambda:GetDurableExecutionState"],
            resources=[f"{self.remediate.function_arn}:*"],
        )
        return iam.Policy(self, "Durable", roles=[self.remediate_role], statements=[checkpoints])

    def _intake(self, inbox: Inbox) -> lambda_.Function:
        function = self._function(
            "Intake",
            "remediator.handlers.intake.handle",
            timeout=INTAKE_TIMEOUT,
            function_name="remediator-intake",
            environment={"REMEDIATE_ALIAS": self.alias.function_arn},
        )
        function.add_event_source(
            sources.SqsEventSource(
                inbox.intake,
                batch_size=10,
                max_concurrency=self._declared.intake_concurrency,
                report_batch_item_failures=True,
            )
        )
        starts = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.alias.function_arn])
        for statement in (starts, *self._looks_at_alarms()):
            function.add_to_role_policy(statement)
        return function

    def _looks_at_alarms(self) -> tuple[iam.PolicyStatement, ...]:
        """Children of composite alarms, and the sweep: in us-east-1 too where a distribution is declared."""
        edge = any(w.distribution for w in self._declared.settings.workloads)
        here = Stack.of(self).format_arn(service="cloudwatch", resource="alarm:*")
        there = f"arn:{Aws.PARTITION}:cloudwatch:{GLOBAL_REGION}:{Aws.ACCOUNT_ID}:alarm:*"
        return (
            iam.PolicyStatement(
                sid="Alarms", actions=["cloudwatch:DescribeAlarms"], resources=[here, *((there,) if edge else ())]
            ),
            iam.PolicyStatement(sid="MuteRules", actions=["cloudwatch:ListAlarmMuteRules"], resources=["*"]),
        )

    def _answers_by_url(self) -> tuple[lambda_.FunctionUrl, CfnCondition]:
        """The URL for callers that IAM has authenticated, so that their ARN is known; only where Lambda offers URLs."""
        url = self.approve.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        without = [Fn.condition_equals(Aws.REGION, region) for region in WITHOUT_URLS]
        offered = CfnCondition(self, "HasUrls", expression=Fn.condition_not(Fn.condition_or(*without)))
        made = url.node.default_child
        assert isinstance(made, lambda_.CfnUrl)  # noqa: S101  # for the type
        made.cfn_options.condition = offered
        return url, offered

    def _approve(self) -> lambda_.Function:
        """Answers the questions of every version of remediate, and hands orders (undo, replay) to intake."""
        function = self._function(
            "Approve",
            "remediator.handlers.approve.handle",
            timeout=PEOPLE_WAIT,
            function_name="remediator-approve",
            environment={"INTAKE_FUNCTION": self.intake.function_arn},
        )
        answers = iam.PolicyStatement(
            actions=["lambda:SendDurableExecutionCallbackSuccess"], resources=[f"{self.remediate.function_arn}:*"]
        )
        orders = iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.intake.function_arn])
        for statement in (answers, orders):
            function.add_to_role_policy(statement)
        return function

    def _widget(self) -> lambda_.Function:
        """Shows the ledger on a dashboard; its buttons call approve with the rights of whoever looks, never with its own."""
        return self._function(
            "Widget",
            "remediator.handlers.widget.handle",
            timeout=PEOPLE_WAIT,
            function_name="remediator-widget",
            environment={"APPROVE_FUNCTION": self.approve.function_arn},
        )

    def _function(
        self,
        id: str,
        handler: str,
        *,
        timeout: Duration,
        environment: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> lambda_.Function:
        # Remediate is not named: DurableConfig can only be set at creation, and a named function cannot be replaced.
        # The others are: people invoke them, and reports print the command.
        log_group = logs.LogGroup(
            self, f"{id}Log", retention=_retention(self._declared.log_days), removal_policy=RemovalPolicy.RETAIN
        )
        role = iam.Role(self, f"{id}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[log_group.log_group_arn]
            )
        )
        return lambda_.Function(
            self,
            id,
            handler=handler,
            code=self._code,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=MEMORY_MIB,
            timeout=timeout,
            role=role,
            environment={**self._environment, **(environment or {})},
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            tracing=lambda_.Tracing.ACTIVE,
            reserved_concurrent_executions=self._declared.reserved_concurrency.get(id.lower()),
            **rest,
        )


def _role(function: lambda_.Function) -> iam.Role:
    role = function.role
    assert isinstance(role, iam.Role)  # noqa: S101  # each function is given one
    return role


def _environment(channels: Channels, ledger: Ledger) -> Mapping[str, str]:
    return {
        "LEDGER_TABLE": ledger.table.table_name,
        "POWERTOOLS_METRICS_NAMESPACE": "Remediator",
        "POWERTOOLS_SERVICE_NAME": "remediator",
        "REMEDIATOR_VERSION": tomllib.loads(PYPROJECT.read_text())["project"]["version"],
        **{f"TOPIC_{name.upper()}": topic.topic_arn for name, topic in channels.topics.items()},
    }


def _retention(days: int) -> logs.RetentionDays:
    named = {d.name: d for d in logs.RetentionDays}
    words = {7: "ONE_WEEK", 14: "TWO_WEEKS", 30: "ONE_MONTH", 90: "THREE_MONTHS", 180: "SIX_MONTHS", 365: "ONE_YEAR"}
    if days not in words:
        raise ValueError(f"log_retention_days: {days} is none of {', '.join(map(str, words))}")
    return named[words[days]]
