"""Least privilege: every call that a story makes is allowed by the role in force, and every right is used or excused.

The calls are those that reached the fake AWS; the rights are the statements of the synthesised stack, with resources and
conditions. For each change the session policy that was handed to STS must allow exactly its calls: not the same call on a
neighbour, and no other write on the same ARN.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from infra.declared import cdk_context, declared_from
from infra.golden import synthesised
from infra.permissions import exact_arn_writes, opt_in_tag_writes
from remediator.core.model import OPT_IN_TAG
from remediator.handlers import widget
from remediator.problems import load_all as all_runbooks
from sandbox.laptop import Laptop
from sandbox.scenarios import by_name, load_all
from sandbox.wire import Request

from .asks import SCALABLE, TARGET, asks
from .iam import FUNCTIONS, Ask, Rule, allows, granted, roles_of, session_rules
from .outcome import Outcome, Task

NAME = "least privilege"
NAMES = ("least_privilege",)
CHUNK = 5
BOUNDED = (
    "out-of-memory",
    "wrong-path",
    "too-little-capacity",
    "image-missing",
    "policy-lost",
    "scaled-to-zero",
    "slow-busy-tasks",
    "delete-protected",
    "recover-restart",
)
TAG = f"aws:ResourceTag/{OPT_IN_TAG}"
WRITES = frozenset((*opt_in_tag_writes(), *exact_arn_writes()))

_LAMBDA_ITSELF = (
    "Lambda does it for the function, with the function's role; the sandbox's queue and logs are not Lambda's"
)
_OF_THE_SDK = (
    "the durable SDK checkpoints through it; the sandbox runs the SDK's own local runner instead. Used in the e2e"
)
_TRACES = "X-Ray's segments are sent by Lambda's own daemon; the sandbox has none"
_KEY = "SNS asks KMS in the publisher's name; the fake topics are not encrypted. Used in the e2e"
_POLLED = "Lambda polls the queue with the function's role; the sandbox hands the batches over itself. Used in the e2e"
_MANAGED = "a role with a policy that is managed apart from it; the roles of the stories have inline policies only"
_TAKEN_BACK = (
    "takes an opened port back, which only a person starts; no story does. The undo is planned in each that opens one"
)
_HEALTH = "asked only where aws_health is set, which needs a paid support plan; played in tests/workflow/test_gates.py"
_GET_INVALIDATION = "reads one invalidation that is listed; no distribution of a story has been invalidated before"
# What a role may do and no story does, with the reason. A right that a story does use must not stand here.
UNUSED: Mapping[tuple[str, str], str] = {
    **{(role, f"logs:{a}"): _LAMBDA_ITSELF for role in FUNCTIONS for a in ("CreateLogStream", "PutLogEvents")},
    **{(role, f"xray:{a}"): _TRACES for role in FUNCTIONS for a in ("PutTraceSegments", "PutTelemetryRecords")},
    **{(role, f"kms:{a}"): _KEY for role in ("intake", "remediate") for a in ("Decrypt", "GenerateDataKey")},
    **{
        ("intake", f"sqs:{a}"): _POLLED
        for a in ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl")
    },
    ("remediate", "health:DescribeEvents"): _HEALTH,
    (
        "remediate",
        "cloudfront:GetCloudFrontOriginAccessIdentity",
    ): "distributions of the older kind of origin access; the sandbox's site has the newer",
    ("remediate", "cloudfront:GetInvalidation"): _GET_INVALIDATION,
    ("remediate", "iam:GetPolicy"): _MANAGED,
    ("remediate", "iam:GetPolicyVersion"): _MANAGED,
    ("remediator-fix-alb-targets-unhealthy", "ec2:RevokeSecurityGroupIngress"): _TAKEN_BACK,
    ("remediator-fix-ecs-task-not-starting", "ec2:RevokeSecurityGroupIngress"): _TAKEN_BACK,
    **{("remediate", f"lambda:{a}"): _OF_THE_SDK for a in ("CheckpointDurableExecution", "GetDurableExecutionState")},
}


@dataclass(slots=True)
class Seen:
    """What one story did.

    Attributes:
        asked: each question to IAM once, by role.
        sessions: each session policy with the questions that were asked under it.
        tags: the opt-in tag of each ARN that was written to, at the end of the story.
    """

    story: str
    asked: dict[str, list[Ask]] = field(default_factory=dict)
    sessions: list[tuple[str, list[Ask]]] = field(default_factory=list)
    topics: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def tasks(*, bounded: bool, names: Sequence[str]) -> tuple[Task, ...]:
    """A task for every few stories."""
    del names
    stories = BOUNDED if bounded else tuple(s.name for s in load_all())
    few = [stories[n : n + CHUNK] for n in range(0, len(stories), CHUNK)]
    return tuple(Task(run=partial(_played, one), about=f"{NAME} of {', '.join(one)}", weight=len(one)) for one in few)


def _played(stories: Sequence[str]) -> tuple[Seen, ...]:
    return tuple(map(play, stories))


def outcomes(results: Sequence[Any], *, bounded: bool, names: Sequence[str]) -> tuple[Outcome, ...]:
    """Asks IAM for every call that the stories made."""
    del names
    seen: list[Seen] = [one for found in results for one in found]
    template = synthesised(all_runbooks(), declared_from(cdk_context().get))
    roles = roles_of(template, seen[0].topics)
    violations = [fault for one in seen for fault in faults(one, roles)]
    unused, idle = unused_rights(seen, roles)
    if not bounded:
        violations += [
            f"{role} may {action}, and no story uses it: excuse it or take it away" for role, action in unused
        ]
        violations += [f"{role} is excused for {action}, which {why}" for (role, action), why in idle.items()]
    figures = {
        "stories": len(seen),
        "calls asked of IAM": sum(len(a) for one in seen for a in one.asked.values()),
        "sessions": sum(len(one.sessions) for one in seen),
        "rights": sum(len(granted(rules)) for rules in roles.values()),
        "excused": len(UNUSED),
    }
    return (Outcome(proof=NAME, runs=len(seen), violations=tuple(violations), figures=figures),)


def play(story: str) -> Seen:
    """One story to its end, with all that it asked of AWS."""
    seen = Seen(story)
    with Laptop() as laptop:
        world, took = laptop.world, laptop.world.saw
        by_session: dict[str, list[Ask]] = {}
        broken: list[Exception] = []

        def saw(request: Request) -> None:
            before = len(world.requests)
            took(request)
            if len(world.requests) > before:  # not the sandbox's own
                role = request.role.rsplit("/", 1)[-1] or _caller()
                result = seen.asked.setdefault(role, [])
                found = _asked(request, broken)
                result += [ask for ask in found if ask not in result]
                if request.role:
                    by_session.setdefault(request.access_key, []).extend(found)

        world.saw = saw  # type: ignore[method-assign]  # a wire-tap
        by_name(story).play(laptop)
        _look(laptop)
        if broken:
            raise broken[0]
        seen.topics = dict(world.portfolio.topics)
        with world.behind_the_scenes():
            for asked in (*seen.asked.values(), *by_session.values()):
                asked[:] = [_named(laptop, ask) for ask in asked]
        sessions = world.account.sessions
        seen.sessions = [(json.dumps(sessions[key].policy), found) for key, found in by_session.items()]
        with world.behind_the_scenes():
            written = {ask.arn for found in by_session.values() for ask in found}
            seen.tags = {arn: tag for arn in written if (tag := _tag(laptop, arn))}
    return seen


def _asked(request: Request, broken: list[Exception]) -> list[Ask]:
    """What IAM is asked; an error here would look to the program like one of AWS's, and the story would go another way."""
    try:
        return list(asks(request))
    except (LookupError, NotImplementedError, TypeError, ValueError) as error:
        broken.append(error)
        return []


def _look(laptop: Laptop) -> None:
    """Somebody opens the dashboard, and an incident's page."""
    context = SimpleNamespace(invoked_function_arn="arn:aws:lambda:ap-northeast-1:123456789012:function:widget")
    widget.handle({"widgetContext": {}}, context)
    for record in laptop.records()[:1]:
        widget.handle({"incident": str(record["pk"]).removeprefix("incident#"), "widgetContext": {}}, context)


def _caller() -> str:
    """Which function is at work: whose handler stands on the stack; the readers of `remediate` have threads of their own."""
    frame = sys._getframe()
    while frame is not None:
        for name in ("intake", "approve", "widget"):
            if frame.f_code.co_filename.endswith(f"remediator/handlers/{name}.py"):
                return name
        frame = frame.f_back  # type: ignore[assignment]
    return "remediate"


def _named(laptop: Laptop, ask: Ask) -> Ask:
    """The question with the ARN that the account gave a scalable target."""
    if ask.action != SCALABLE:
        return ask
    space, resource, dimension = (ask.context[name] for name in TARGET)
    scaling = laptop.world.client("application-autoscaling")
    response = scaling.describe_scalable_targets(
        ServiceNamespace=space, ResourceIds=[resource], ScalableDimension=dimension
    )
    return Ask(ask.action, response["ScalableTargets"][0]["ScalableTargetARN"])


def _tag(laptop: Laptop, arn: str) -> str:
    """The opt-in tag, empty where there is none or the resource is gone."""
    service, client = arn.split(":")[2], laptop.world.client
    tags: Iterable[Mapping[str, Any]] = ()
    with suppress(ClientError, KeyError):
        if service == "ecs":
            return str(laptop.world.fleet.services[arn.rsplit("/", 1)[-1]].tags.get(OPT_IN_TAG, ""))
        if service == "elasticloadbalancing":
            tags = client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
        elif service == "dynamodb":
            tags = client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"]
        elif service == "ec2":
            group = client("ec2").describe_security_groups(GroupIds=[arn.rsplit("/", 1)[-1]])["SecurityGroups"][0]
            tags = group.get("Tags", ())
        elif service == "cloudfront":
            tags = client("cloudfront").list_tags_for_resource(Resource=arn)["Tags"]["Items"]
    return next((str(t["Value"]) for t in tags if t["Key"] == OPT_IN_TAG), "")


def faults(seen: Seen, roles: Mapping[str, Sequence[Rule]]) -> Iterator[str]:
    """Each call of the story that its role does not allow, and each session that allows another call than its own."""
    for role, asked in seen.asked.items():
        for ask in asked:
            if role not in roles:
                yield f"{seen.story}: no such role: {role}"
            elif not allows(roles[role], _tagged(ask, seen.tags)):
                yield f"{seen.story}: {role} calls {ask.action} on {ask.arn}, which its policies do not allow"
    for policy, asked in seen.sessions:
        yield from (f"{seen.story}: {fault}" for fault in session_faults(policy, asked))


def session_faults(policy: str, asked: Sequence[Ask]) -> Iterator[str]:
    """What is wrong with a session policy, given the calls that were made with it."""
    rules = session_rules(policy)
    made = {(ask.action, ask.arn) for ask in asked}
    for ask in asked:
        if not allows(rules, ask):
            yield f"the session makes {ask.action} on {ask.arn}, which its own policy does not allow"
        yield from (
            f"the session may {ask.action} on a neighbour, {n}"
            for n in neighbours(ask)
            if allows(rules, replace(ask, arn=n))
        )
        others = [Ask(w, ask.arn) for w in sorted(WRITES) if (w, ask.arn) not in made]
        yield from (f"the session may also {o.action} on {o.arn}" for o in others if allows(rules, o))
    allowed = granted(rules)
    yield from (
        f"the session may {a}, which it does not make"
        for a in sorted(allowed - {ask.action for ask in asked} - {"iam:PassRole"})
    )


def neighbours(ask: Ask) -> tuple[str, ...]:
    """ARNs beside the one that was planned: another name, a longer one, another account and region."""
    parts = ask.arn.split(":", 5)
    if ask.action == "ecs:RegisterTaskDefinition":  # IAM sees the family; every revision of it is the same resource
        family = parts[5].rsplit(":", 1)[0]
        return (":".join((*parts[:5], f"{family}-2:1")), ":".join((*parts[:5], f"{family[:-1]}:1")))
    beside = [ask.arn + "2", ask.arn[:-1], ":".join((*parts[:4], "999999999999", parts[5]))]
    return tuple(beside)


def _tagged(ask: Ask, tags: Mapping[str, str]) -> Ask:
    return replace(ask, context={**ask.context, TAG: tags[ask.arn]}) if ask.arn in tags else ask


def unused_rights(
    seen: Sequence[Seen], roles: Mapping[str, Sequence[Rule]]
) -> tuple[list[tuple[str, str]], dict[tuple[str, str], str]]:
    """Rights that no story uses and nobody excuses, and excuses that are not needed (with why)."""
    used = {(role, ask.action) for one in seen for role, asked in one.asked.items() for ask in asked}
    held = {(role, action) for role, rules in roles.items() for action in granted(rules)}
    idle = {key: "a story does use" for key in UNUSED if key in used} | {
        key: "it does not hold" for key in UNUSED if key not in held
    }
    return sorted(held - used - set(UNUSED)), idle
