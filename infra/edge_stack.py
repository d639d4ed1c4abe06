"""What must stand in us-east-1: alarms on CloudFront's metrics, which exist there only, and their way to the home region.

Source: AWS, CloudFront Developer Guide (metrics are in US East (N. Virginia)); EventBridge User Guide (a rule may send to a
bus in another region with a role that may put events there).
"""

from typing import Any

from aws_cdk import (
    ArnFormat,
    Aws,
    CfnCondition,
    CfnOutput,
    CfnParameter,
    Duration,
    Environment,
    Fn,
    RemovalPolicy,
    Stack,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.core.ports import GLOBAL_REGION
from remediator.core.settings import Settings, Workload
from remediator.problems.cloudfront_not_delivering.facts import CALM_PCT
from remediator.resources.cloudfront.kind import NAMESPACE as CLOUDFRONT
from remediator.resources.cloudfront.kind import distribution_dimensions

from .events.rules import let_rules_send, target
from .notifications.channels import KEY_USE

NAME = "RemediatorEdge"
HOME = "HomeRegion"
MINUTES, OF = 2, 3  # as the alarms of the home region


class EdgeStack(Stack):
    """Alarms of the declared distributions, and one rule that forwards just their changes of state.

    The home region is a parameter without default, so that events never go to a region by mistake. Where it is us-east-1
    itself nothing is forwarded: the rules there see the events already, and would see them again and again.
    """

    def __init__(self, scope: Construct, id: str, *, workloads: tuple[Workload, ...], **properties: Any) -> None:
        super().__init__(scope, id, env=Environment(region=GLOBAL_REGION), **properties)
        home = CfnParameter(
            self,
            HOME,
            allowed_pattern="[a-z]{2}(-[a-z]+)+-[0-9]",
            description="Region of the stack Remediator, to whose default event bus the alarms' events are sent.",
        )
        alarms = [alarm for w in workloads for alarm in _alarms(self, w)]
        self.dead = sqs.Queue(
            self,
            "ForwardDead",
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
        )
        elsewhere = CfnCondition(
            self,
            "HomeIsElsewhere",
            expression=Fn.condition_not(Fn.condition_equals(home, GLOBAL_REGION)),
        )
        self._forward(alarms, home.value_as_string, elsewhere)
        self.people = Told(self, "People")
        _alarm_of_dead(self, self.dead, self.people.topic)
        CfnOutput(self, "TopicEdge", value=self.people.topic.topic_arn)
        CfnOutput(self, "ForwardDeadLetters", value=self.dead.queue_url)

    def _forward(self, alarms: list[cloudwatch.Alarm], home: str, elsewhere: CfnCondition) -> None:
        bus = f"arn:{Aws.PARTITION}:events:{home}:{Aws.ACCOUNT_ID}:event-bus/default"
        role = iam.Role(
            self,
            "Forward",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
            description="Puts the alarms' events on the home region's default bus",
            inline_policies={
                "PutEvents": iam.PolicyDocument(
                    statements=[iam.PolicyStatement(actions=["events:PutEvents"], resources=[bus])]
                )
            },
        )
        sent = target("Home", bus, self.dead)
        rule = events.CfnRule(
            self,
            "ToHome",
            description="Changes of state of the distributions' alarms, to the home region",
            event_pattern={
                "source": ["aws.cloudwatch"],
                "detail-type": ["CloudWatch Alarm State Change"],
                "resources": [alarm.alarm_arn for alarm in alarms],
            },
            targets=[
                events.CfnRule.TargetProperty(
                    id=sent.id,
                    arn=bus,
                    role_arn=role.role_arn,
                    dead_letter_config=sent.dead_letter_config,
                    retry_policy=sent.retry_policy,
                )
            ],
        )
        rule.cfn_options.condition = elsewhere
        let_rules_send(self.dead, [rule])
        policy = self.dead.node.find_child("Policy").node.default_child
        policy.cfn_options.condition = elsewhere  # type: ignore[union-attr]  # it names the rule


def edge_stack(scope: Construct, settings: Settings) -> EdgeStack | None:
    """The stack in us-east-1, None where no workload declares a distribution."""
    workloads = tuple(w for w in settings.workloads if w.distribution)
    return EdgeStack(scope, NAME, workloads=workloads) if workloads else None


def _alarms(scope: Construct, workload: Workload) -> tuple[cloudwatch.Alarm, ...]:
    meanings = {"4xx": "refuses requests or does not find what is asked for", "5xx": "cannot get an answer"}
    return tuple(
        cloudwatch.Alarm(
            scope,
            f"{workload.name}-site-{kind}",
            alarm_name=f"{workload.name}-site-{kind}",
            alarm_description=f"More than {CALM_PCT:.0f} % of the distribution's answers are {kind}: it {meaning}",
            metric=cloudwatch.Metric(
                namespace=CLOUDFRONT,
                metric_name=f"{kind}ErrorRate",
                statistic="Average",
                dimensions_map=distribution_dimensions(workload.distribution),
                period=Duration.minutes(1),
            ),
            threshold=CALM_PCT,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            datapoints_to_alarm=MINUTES,
            evaluation_periods=OF,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        for kind, meaning in meanings.items()
    )


class Told(Construct):
    """A topic of this region for the one alarm that must not go the way that it watches.

    Its key is the stack's: CloudWatch cannot publish under AWS's own. Only alarms of this account may publish.
    """

    def __init__(self, scope: Construct, id: str) -> None:
        super().__init__(scope, id)
        stack = Stack.of(self)
        alarm_service = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        alarms = stack.format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        ours = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}}
        key = kms.Key(
            self,
            "Key",
            description="Topic of the remediator in us-east-1",
            enable_key_rotation=True,
            removal_policy=RemovalPolicy.DESTROY,  # a topic keeps no messages
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms", principals=[alarm_service], actions=list(KEY_USE), resources=["*"], conditions=ours
            )
        )
        self.topic = sns.Topic(self, "Topic", display_name="Remediator, us-east-1", master_key=key, enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[alarm_service],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=ours,
            )
        )


def _alarm_of_dead(scope: Construct, dead: sqs.Queue, topic: sns.ITopic) -> None:
    alarm = cloudwatch.Alarm(
        scope,
        "NotForwarded",
        alarm_description="Remediator: alarms of a distribution could not be sent to the home region",
        metric=dead.metric_approximate_number_of_messages_visible(period=Duration.minutes(1), statistic="Maximum"),
        threshold=0,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluation_periods=1,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))
