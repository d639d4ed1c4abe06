"""Reports to people: one publish per topic, e-mail and chat forms in the same message."""

from ..aws.client import AwsClient
from ..aws.runtime import Runtime
from ..core.model import Notice
from ..core.ports import Permission
from ..incidents.case import Case
from ..incidents.storm import Summary
from ..reports.channels.notice import notice_message
from ..reports.channels.sns import Message, sns_messages
from ..reports.channels.storm_summary import storm_messages
from ..reports.compose import compose


def send(runtime: Runtime, case: Case) -> None:
    """Publishes the report of `case`; raises errors of `core.errors` where SNS refuses."""
    for message in sns_messages(compose(case, runtime.settings), runtime.settings):
        _publish(runtime, message)


def notice(runtime: Runtime, found: Notice) -> None:
    """Publishes what no runbook can look into."""
    _publish(runtime, notice_message(found, runtime.settings))


def storm(runtime: Runtime, summary: Summary) -> None:
    """Publishes what a storm is told by in place of many reports."""
    for message in storm_messages(summary, runtime.settings):
        _publish(runtime, message)


def _publish(runtime: Runtime, message: Message) -> None:
    """One publish; a topic that the deployment does not have is passed over (the pager's is optional)."""
    arn = runtime.environment.topics.get(message.topic)
    if arn is None:
        return
    structured = {"MessageStructure": "json"} if message.structured else {}
    AwsClient(runtime.clients, [Permission("sns:Publish")]).call(
        "sns:Publish",
        TopicArn=arn,
        Subject=message.subject,
        Message=message.message,
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
        },
        **structured,
    )
