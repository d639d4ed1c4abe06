"""cdk-nag's findings that stand, each with the reason. What the runbooks declare is acknowledged form by form."""

from collections.abc import Iterable

from aws_cdk import Acknowledgment, CfnElement, Stack, Validations
from constructs import Construct, IConstruct

from remediator.core.ports import GLOBAL_REGION
from remediator.core.runbook import AnyRunbook
from remediator.gates.evidence import GateEvidence
from remediator.recovery.runbook import bound_to
from remediator.remediation.context_evidence import ContextEvidence

from .declared import Declared
from .edge_stack import EdgeStack
from .permissions import Statement, read_statements, write_statements
from .stack import RemediatorStack

OLDER_PYTHON = (
    "Python 3.13 on purpose: the bundle is compiled for it and tested on it; 3.14 follows once every pinned wheel "
    "names it. 3.13 is supported by Lambda until 2029."
)
TRACING = "X-Ray takes trace segments for no resource; mute rules are listed, whichever alarm they are of: only * here."
EVERY_VERSION = "Running executions stay on the version that they began with, so every version of this one function."
EVERY_ALARM = "Children of composite alarms, and what the sweep finds: any alarm of this account; it is only described."
LOANS = "A schedule for each loan, named after its incident: any name within the one group that holds nothing else."
DEAD_LETTERS = "It is itself the dead-letter queue of every EventBridge rule; an alarm tells people of each message."
SLACK_DEAD_LETTERS = (
    "It is itself the dead-letter queue of the Slack function and its subscriptions; an alarm tells people."
)
READS = "A read that a runbook declares: any resource of this form may have the trouble; nothing is changed by it."
FIX = (
    "A write that a runbook declares, at most: the role is only ever assumed by remediate with a session policy for "
    "exactly the ARNs of one plan, and IAM checks the opt-in tag wherever the resource carries it (docs/security.md)."
)


def acknowledge(stack: RemediatorStack, runbooks: Iterable[AnyRunbook], declared: Declared) -> None:
    """Acknowledges, construct by construct, what cdk-nag finds and we mean."""
    runbooks = tuple(runbooks)
    functions = stack.functions
    every_version = f"Resource::<{_logical_id(functions.remediate)}.Arn>:*"
    further = () if stack.slack is None else (stack.slack.function,)
    for function in (functions.remediate, functions.intake, functions.approve, functions.widget, *further):
        _acknowledge(function, "AwsSolutions-L1", OLDER_PYTHON)
        _wildcard(function.role, "Resource::*", TRACING)
    _wildcard(functions.durable, every_version, EVERY_VERSION)
    _wildcard(functions.approve.role, every_version, EVERY_VERSION)
    _wildcard(functions.intake.role, _finding("arn:{partition}:cloudwatch:{region}:{account}:alarm:*"), EVERY_ALARM)
    if any(w.distribution for w in declared.settings.workloads):
        there = _finding(f"arn:{{partition}}:cloudwatch:{GLOBAL_REGION}:{{account}}:alarm:*")
        _wildcard(functions.intake.role, there, EVERY_ALARM)
    loans = "arn:{partition}:scheduler:{region}:{account}:schedule/remediator-leases-<AWS::Region>/*"
    _wildcard(functions.remediate.role, _finding(loans), LOANS)
    _acknowledge(stack.inbox.rules_dead, "AwsSolutions-SQS3", DEAD_LETTERS)
    if stack.slack:
        _acknowledge(stack.slack.dead, "AwsSolutions-SQS3", SLACK_DEAD_LETTERS)
    _derived(stack.roles.reads, read_statements(runbooks, bound_to(runbooks), (ContextEvidence, GateEvidence)), READS)
    for runbook in runbooks:
        if runbook.id in stack.roles.fix:
            _derived(stack.roles.fix[runbook.id], write_statements(runbook, declared.pass_roles), FIX)


def acknowledge_edge(stack: EdgeStack) -> None:
    """The same for the stack in us-east-1."""
    _acknowledge(stack.dead, "AwsSolutions-SQS3", DEAD_LETTERS)


def _derived(construct: Construct, statements: Iterable[Statement], reason: str) -> None:
    forms = {r for s in statements if s.effect == "Allow" for r in s.resources if "*" in r}
    for form in sorted(forms):
        _wildcard(construct, _finding(form), reason)


def _finding(form: str) -> str:
    """A resource as cdk-nag writes it in a finding's name."""
    for name, token in (("partition", "Partition"), ("region", "Region"), ("account", "AccountId")):
        form = form.replace(f"{{{name}}}", f"<AWS::{token}>")
    return f"Resource::{form}"


def _wildcard(construct: IConstruct | None, finding: str, reason: str) -> None:
    _acknowledge(construct, f"AwsSolutions-IAM5[{finding}]", reason)


def _acknowledge(construct: IConstruct | None, id: str, reason: str) -> None:
    if construct is None:
        raise TypeError(f"{id}: nothing to acknowledge it on")
    Validations.of(construct).acknowledge(Acknowledgment(id=id, reason=reason))


def _logical_id(construct: Construct) -> str:
    element = construct.node.default_child
    if not isinstance(element, CfnElement):
        raise TypeError(f"{construct.node.path} has no resource of its own")
    return str(Stack.of(construct).resolve(element.logical_id))
