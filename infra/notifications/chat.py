"""Reports in a Slack channel by Amazon Q Developer in chat applications, with buttons that call the approve function.

Source: AWS, Amazon Q Developer in chat applications, "Custom actions" and CloudFormation, AWS::Chatbot::CustomAction. A button
runs a command with the channel's role, or with a user's own where the configuration asks for it; either is held to the
guardrail policies, which are AdministratorAccess unless they are set.
"""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_chatbot as chatbot
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from remediator.approvals.request import WORDS
from remediator.core.settings import Settings
from remediator.core.text import Language
from remediator.reports.channels.amazon_q import BUTTONS
from remediator.reports.dashboard import buttons as words
from remediator.reports.sections.commands import APPROVE_FUNCTION

from ..declared import SlackChannel
from .channels import Channels

COMMAND_CHARS = 100  # API of custom actions: CommandText; CloudFormation's own schema would take 5,000
CONTEXT = "event.metadata.additionalContext"
EVENT = "event.metadata.eventType"
# After which reports a button is of use. A question is open where there is a reference, whatever the report.
STAGES = {"ack": ("first", "ask", "update", "escalation"), "undo": ("final", "update"), "replay": ("final",)}


@dataclass(frozen=True, slots=True)
class Button:
    """One custom action: the word it says, of what, and what stands on it."""

    word: str
    language: Language = "en"

    @property
    def command(self) -> str:
        """What it runs; `$R` is filled in from the notification. A hundred characters, so the payload is the brief form."""
        payload = f'{{"{self.word}":"$R"}}'
        return f"lambda invoke --function-name {APPROVE_FUNCTION} --payload {payload} --region {Aws.REGION}"

    def attachments(self) -> list[chatbot.CfnCustomAction.CustomActionAttachmentProperty]:
        """Where it is shown: under our own reports only, and under those where it can be meant."""
        if self.word not in STAGES:
            return [self._attachment(f"{CONTEXT}.reference")]
        return [self._attachment(f"{CONTEXT}.incidentId", stage) for stage in STAGES[self.word]]

    def _attachment(self, of: str, stage: str = "") -> chatbot.CfnCustomAction.CustomActionAttachmentProperty:
        criterion = chatbot.CfnCustomAction.CustomActionAttachmentCriteriaProperty
        criteria = [
            criterion(operator="EQUALS", variable_name="G", value=BUTTONS),
            criterion(operator="HAS_VALUE", variable_name="R"),
        ]
        variables = {"G": f"{CONTEXT}.ActionGroup", "R": of}
        if stage:
            criteria.append(criterion(operator="EQUALS", variable_name="S", value=f"remediator.{stage}"))
            variables["S"] = EVENT
        return chatbot.CfnCustomAction.CustomActionAttachmentProperty(
            button_text=words.BUTTONS[self.word].in_(self.language),
            notification_type="Custom",
            criteria=criteria,
            variables=variables,
        )


class Chat(Construct):
    """The channel with its role and guardrail, and the buttons where a chat may answer at all.

    Args:
        channel: where.
        settings: who may answer there (`chat_approvals`; `off`: nobody, so there are no buttons), and the language of the
            buttons, whatever that of a topic.
        channels: whose topics are shown. A subscription needs no statement of theirs: the service's own role subscribes
            within the account, and SNS itself decrypts what it delivers.
        desk: the approve function, the only thing that anybody can call from there.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        channel: SlackChannel,
        settings: Settings,
        *,
        channels: Channels,
        desk: lambda_.Function,
    ) -> None:
        super().__init__(scope, id)
        approvals = settings.chat_approvals
        self.guardrail = iam.ManagedPolicy(
            self,
            "Guardrail",
            description="The most that anybody can do from the remediator's chat channel",
            statements=[iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[desk.function_arn])],
        )
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("chatbot.amazonaws.com"),
            description="What the remediator's chat channel does where it acts as itself",
            managed_policies=[self.guardrail] if approvals == "channel_role" else [],
        )
        self.configuration = chatbot.SlackChannelConfiguration(
            self,
            "Slack",
            slack_channel_configuration_name=f"remediator-{Aws.REGION}",
            slack_workspace_id=channel.workspace,
            slack_channel_id=channel.channel,
            notification_topics=[channels.topics[name] for name in channel.topics],
            guardrail_policies=[self.guardrail],
            user_role_required=approvals == "user_roles_required",
            logging_level=chatbot.LoggingLevel.ERROR,
            role=role,
        )
        if approvals != "off":
            self._buttons(settings.language)

    def _buttons(self, language: Language) -> None:
        made = [self._action(Button(word, language)) for word in WORDS]
        configuration = self.configuration.node.default_child
        assert isinstance(configuration, chatbot.CfnSlackChannelConfiguration)  # noqa: S101  # what the construct makes
        configuration.customization_resource_arns = [action.attr_custom_action_arn for action in made]

    def _action(self, button: Button) -> chatbot.CfnCustomAction:
        return chatbot.CfnCustomAction(
            self,
            button.word.capitalize(),
            action_name=f"remediator-{button.word}-{Aws.REGION}",  # names are the account's, not the region's
            definition=chatbot.CfnCustomAction.CustomActionDefinitionProperty(command_text=button.command),
            attachments=button.attachments(),
        )
