"""The stack: every part, and how they are joined."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from remediator.core.runbook import AnyRunbook

from .alarms.own_alarms import OwnAlarms
from .alarms.workload_alarms import WorkloadAlarms
from .bundle.build import Bundle
from .declared import Declared
from .events.inbox import Inbox
from .events.leases import Leases
from .events.rules import FailureRule, Rules, let_rules_send
from .events.schedule import SweepSchedule
from .functions import Functions, SharedResources
from .ledger import Ledger
from .notifications.channels import Channels
from .notifications.chat import Chat
from .notifications.dashboard import Dashboard, Shown
from .notifications.slack import Slack
from .region import require_region
from .roles import Roles


class RemediatorStack(Stack):
    """Everything of one deployment in one region.

    Args:
        runbooks: rules, roles and the bundle's services are derived from them.
        declared: what the owner declares in `cdk.json`.
        bundle: the code of all functions.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        runbooks: tuple[AnyRunbook, ...],
        declared: Declared,
        bundle: Bundle,
        **properties: Any,
    ) -> None:
        super().__init__(scope, id, **properties)
        require_region(self, declared.durable_regions)
        channels = Channels(self, "Channels")
        inbox = Inbox(self, "Inbox")
        ledger = Ledger(self, "Ledger", declared)
        self.leases = Leases(self, "Leases", inbox=inbox)
        beside = SharedResources(channels, inbox, ledger, self.leases)
        functions = Functions(self, "Functions", bundle=bundle, declared=declared, beside=beside)
        self.channels, self.inbox, self.functions = channels, inbox, functions
        self.roles = Roles(
            self,
            "Roles",
            runbooks=runbooks,
            remediate=functions.remediate_role,
            pass_roles=declared.pass_roles,
        )
        self._rules(runbooks, declared)
        SweepSchedule(self, "Sweep", intake=inbox.intake, dead=inbox.rules_dead)
        own_alarms = self._own_alarms()
        self.slack = self._slack(declared, ledger, own_alarms) if declared.slack_webhook_secret else None
        shown = self._shown(declared, own_alarms)
        if declared.dashboard:
            dashboard = Dashboard(self, "Dashboard", declared.settings, shown)
            CfnOutput(self, "DashboardUrl", value=dashboard.url)
        self.chat = self._chat(declared)
        self._outputs(ledger)

    def _rules(self, runbooks: tuple[AnyRunbook, ...], declared: Declared) -> None:
        triggers = Rules(self, "Rules", runbooks=runbooks, inbox=self.inbox)
        failure = FailureRule(
            self,
            "NotFinished",
            remediate=self.functions.remediate,
            topic=self.channels.high,
            inbox=self.inbox,
            language=declared.settings.language_of("high"),
        )
        let_rules_send(self.inbox.rules_dead, (*triggers.of_triggers, failure.rule))
        let_rules_send(self.inbox.intake, (*triggers.of_triggers, failure.rule))

    def _chat(self, declared: Declared) -> Chat | None:
        if declared.chat is None:
            return None
        desk = self.functions.approve
        return Chat(self, "Chat", declared.chat, declared.settings, channels=self.channels, desk=desk)

    def _slack(self, declared: Declared, ledger: Ledger, own_alarms: OwnAlarms) -> Slack:
        slack = Slack(
            self,
            "Slack",
            functions=self.functions,
            channels=self.channels,
            ledger=ledger,
            secret=declared.slack_webhook_secret,
        )
        own_alarms.tell_of_dead_letters("SlackDead", "messages that Slack did not take", slack.dead)
        CfnOutput(self, "DeadSlack", value=slack.dead.queue_url)
        CfnOutput(self, "SlackFunction", value=slack.function.function_name)
        return slack

    def _watched_functions(self) -> dict[str, lambda_.Function]:
        named = self.functions
        return {"intake": named.intake, "remediate": named.remediate, "approve": named.approve}

    def _own_alarms(self) -> OwnAlarms:
        functions = self._watched_functions()
        return OwnAlarms(self, "OwnAlarms", inbox=self.inbox, functions=functions, topic=self.channels.high)

    def _shown(self, declared: Declared, own_alarms: OwnAlarms) -> Shown:
        watched = {
            w.name: WorkloadAlarms(self, f"Workload{w.name.capitalize()}", w) for w in declared.settings.workloads
        }
        self.functions.tell_of_workloads({name: alarms.given for name, alarms in watched.items() if alarms.given})
        return Shown(
            widget=self.functions.widget,
            functions=self._watched_functions(),
            queue=self.inbox.intake,
            alarms=tuple(pair for alarms in watched.values() for pair in alarms.made),
            own_alarms=tuple(own_alarms.made),
        )

    def _outputs(self, ledger: Ledger) -> None:
        values = {
            "LedgerTable": ledger.table.table_name,
            "Switch": ledger.switch.parameter_name,
            "IntakeFunction": self.functions.intake.function_name,
            "ApproveFunction": self.functions.approve.function_name,
            "WidgetFunction": self.functions.widget.function_name,
            "RemediateFunction": self.functions.remediate.function_name,
            "RemediateAlias": self.functions.alias.function_arn,
            "IntakeQueue": self.inbox.intake.queue_url,
            "IntakeQueueArn": self.inbox.intake.queue_arn,
            "DeadIntake": self.inbox.intake_dead.queue_url,
            "DeadRules": self.inbox.rules_dead.queue_url,
            "DeadRemediate": self.inbox.remediate_dead.queue_url,
            **{f"Topic{n.capitalize()}": t.topic_arn for n, t in self.channels.topics.items()},
        }
        for name, value in values.items():
            CfnOutput(self, name, value=value)
        CfnOutput(self, "ApproveUrl", value=self.functions.approve_url.url, condition=self.functions.has_url)
