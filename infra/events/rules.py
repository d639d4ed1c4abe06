"""EventBridge rules: the runbooks' triggers into the intake queue, and remediate's own failures to people."""

from collections.abc import Iterable
from hashlib import sha256

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from remediator.core.runbook import AnyRunbook, Trigger
from remediator.core.serialization import canonical, to_json
from remediator.core.text import Language, Text

from .inbox import Inbox

RETRIED_FOR_S = 3600  # older news of trouble would start work on a situation that is gone
RETRIES = 185  # EventBridge's maximum: the age decides

NOT_FINISHED = Text(
    "The remediation of incident <incident> ended as <status> at <at>. Nobody is working on it now: look at the "
    "resource and at the incident in the ledger. A change that it had begun may still be in place.",
    "インシデント <incident> の自動対応は <at> に <status> で終了しました。現在は誰も対応していません。"
    "リソースと台帳のインシデントを確認してください。開始済みの変更が残っている可能性があります。",
)
NOT_FINISHED_TITLE = Text("Remediation did not finish: <incident>", "自動対応が完了しませんでした: <incident>")


class Rules(Construct):
    """One rule for each different pattern that the runbooks declare."""

    def __init__(self, scope: Construct, id: str, *, runbooks: tuple[AnyRunbook, ...], inbox: Inbox) -> None:
        super().__init__(scope, id)
        self.of_triggers = [self._rule(triggers, inbox) for triggers in _by_pattern(runbooks)]

    def _rule(self, triggers: list[tuple[str, Trigger]], inbox: Inbox) -> events.CfnRule:
        trigger = triggers[0][1]
        pattern = to_json(trigger.pattern)
        text = ", ".join(sorted({runbook for runbook, _ in triggers}))
        name = "".join(part.capitalize() for part in trigger.kind.split("_"))
        return events.CfnRule(
            self,
            f"{name}{sha256(canonical(pattern).encode()).hexdigest()[:6]}",
            description=f"Starts: {text}"[:512],
            event_pattern=pattern,
            targets=[target("Intake", inbox.intake.queue_arn, inbox.rules_dead)],
        )


class FailureRule(Construct):
    """Tells people of an execution that failed, ran out of time or was stopped: its report will not come.

    Intake learns of it too, and closes the incident: what is signalled next is a new one.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        remediate: lambda_.IFunction,
        topic: sns.ITopic,
        inbox: Inbox,
        language: Language,
    ) -> None:
        super().__init__(scope, id)
        self.rule = events.CfnRule(
            self,
            "Rule",
            description="Durable executions of remediate that did not end by themselves",
            event_pattern={
                "source": ["aws.lambda"],
                "detail-type": ["Durable Execution Status Change"],
                "detail": {
                    "status": ["FAILED", "TIMED_OUT", "STOPPED"],
                    "functionArn": [{"prefix": f"{remediate.function_arn}:"}],
                },
            },
            targets=[
                target("High", topic.topic_arn, inbox.rules_dead, transformer=_in_words(language)),
                target(
                    "Intake", inbox.intake.queue_arn, inbox.rules_dead
                ),  # so that the incident no longer keeps its trouble's place
            ],
        )


def target(
    id: str,
    arn: str,
    dead: sqs.IQueue,
    transformer: events.CfnRule.InputTransformerProperty | None = None,
) -> events.CfnRule.TargetProperty:
    """A target that retries for an hour and then keeps the event in a dead-letter queue."""
    return events.CfnRule.TargetProperty(
        id=id,
        arn=arn,
        dead_letter_config=events.CfnRule.DeadLetterConfigProperty(arn=dead.queue_arn),
        retry_policy=events.CfnRule.RetryPolicyProperty(
            maximum_event_age_in_seconds=RETRIED_FOR_S, maximum_retry_attempts=RETRIES
        ),
        input_transformer=transformer,
    )


def let_rules_send(queue: sqs.Queue, rules: Iterable[events.CfnRule]) -> None:
    """Lets exactly these rules send to `queue`."""
    arns = [rule.attr_arn for rule in rules]
    if arns:
        queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Rules",
                principals=[iam.ServicePrincipal("events.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                conditions={
                    "ArnEquals": {"aws:SourceArn": arns},
                    "StringEquals": {"aws:SourceAccount": Stack.of(queue).account},
                },
            )
        )


def _by_pattern(runbooks: Iterable[AnyRunbook]) -> list[list[tuple[str, Trigger]]]:
    """Triggers with their runbooks' ids; those with equal patterns share a rule."""
    grouped: dict[str, list[tuple[str, Trigger]]] = {}
    for runbook in runbooks:
        for trigger in runbook.triggers:
            grouped.setdefault(canonical(trigger.pattern), []).append((runbook.id, trigger))
    return [grouped[key] for key in sorted(grouped)]


def _in_words(language: Language) -> events.CfnRule.InputTransformerProperty:
    # The shape that Amazon Q Developer shows in chat; it drops anything else without a word. Mail shows it as it is.
    notification = {
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": NOT_FINISHED_TITLE.in_(language),
            "description": NOT_FINISHED.in_(language),
        },
        "metadata": {"threadId": "<incident>"},
    }
    return events.CfnRule.InputTransformerProperty(
        input_paths_map={
            "incident": "$.detail.durableExecutionName",
            "status": "$.detail.status",
            "at": "$.detail.endTimestamp",
        },
        input_template=canonical(notification),
    )
