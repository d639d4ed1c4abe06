"""Exact shell commands: what a person at a terminal can paste. Quoted, one flag a word, with the region named."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from ...core.model import OPT_IN_TAG, Resource
from ...core.plan import Call, referenced
from ...core.text import Text
from ...redaction.redact import UNSEEN
from ...resources.kinds import kind_of
from ..blocks import Command, Item, Statement

APPROVE_FUNCTION = "remediator-approve"
CLI_SERVICE = {"elasticloadbalancing": "elbv2", "s3": "s3api", "states": "stepfunctions"}

# The AWS CLI spells operations and parameters as botocore does, with hyphens.
_PLURAL_ABBREVIATION = re.compile(r"[A-Z]{2,}s$")
_WORD = re.compile(r"(.)([A-Z][a-z]+)")
_END = re.compile(r"([a-z0-9])([A-Z])")
# What the CLI or a chat channel would take for something else goes into JSON, where it can be escaped.
_UNSAFE = re.compile(r"^(?:-|@|file:|fileb:|https?:)|[\x00-\x1f\x7f-\x9f`\u200b-\u200f\u2028-\u202e\u2060-\u206f]")
_OPT_IN = Text(
    "To let the program do this next time (or value=approve, to be asked first):",
    "次回から自動で実行させるには（事前承認を求める場合は value=approve）:",
)
_BY_HAND = Text(
    f"To let the program do this next time, add the tag {OPT_IN_TAG}=auto in the console "
    "(the CLI's put-bucket-tagging would replace all other tags).",
    f"次回から自動で実行させるには、コンソールでタグ {OPT_IN_TAG}=auto を追加してください"
    "（CLI の put-bucket-tagging は既存のタグをすべて置き換えるため使わないでください）。",
)


def hyphenated(name: str) -> str:
    """`UpdateService` as the AWS CLI spells it: `update-service`."""
    if plural := _PLURAL_ABBREVIATION.search(name):
        name = name[: plural.start()] + "-" + plural[0].lower()
    return _END.sub(r"\1-\2", _WORD.sub(r"\1-\2", name)).lower()


def command_of(call: Call, region: str) -> Command | None:
    """The AWS CLI command of `call`; None where the call takes something that only the program reads or gets."""
    if call.copy is not None or referenced(call.parameters):
        return None
    service, operation = call.action.split(":", 1)
    start = f"aws {CLI_SERVICE.get(service, service)} {hyphenated(operation)}"
    flags = [_flag(name, value) for name, value in call.parameters.items()]
    given = tuple(f for f in flags if f is not None)
    if len(given) < len(flags):
        given = (f"--cli-input-json {shlex.quote(_json(call.parameters))}",)
    return Command((start, *given, *_region(region)))


def _region(region: str) -> tuple[str, ...]:
    return (f"--region {shlex.quote(region)}",) if region else ()


def _flag(name: str, value: Any) -> str | None:
    flag = f"--{hyphenated(name)}"
    if isinstance(value, bool):
        return flag if value else f"--no-{flag[2:]}"
    if isinstance(value, int | float):
        return f"{flag} {value}"
    if isinstance(value, str) and _safe(value):
        return f"{flag} {shlex.quote(value)}"
    if isinstance(value, list | tuple) and value and all(isinstance(v, str) and _safe(v) for v in value):
        return f"{flag} {shlex.join(value)}"
    return None


def _safe(value: str) -> bool:
    """Whether people can see all of it, and neither the CLI nor a chat takes it for something else."""
    return bool(value) and not _UNSAFE.search(value) and not UNSEEN.search(value)


def _json(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, separators=(",", ":")).replace("`", "\\u0060").replace("\x7f", "\\u007f")


def opt_in(resource: Resource) -> tuple[Item, ...]:
    """How the owner of `resource` lets the program act on it: a command by kind, or a hint where none is safe."""
    words = kind_of(resource).opt_in_command(resource)
    if not words:
        return (Statement(_BY_HAND),)
    return (Command((*words, *_region(resource.region)), lead=_OPT_IN),)


def set_switch(parameter: str, value: str, region: str) -> Command:
    """Puts the switch of the whole deployment to `value`."""
    named = (f"--name {shlex.quote(parameter)}", f"--value {value}", "--type String", "--overwrite")
    return Command(("aws ssm put-parameter", *named, *_region(region)))


def approve(reference: str) -> Command:
    """How to say yes to exactly that plan."""
    return Command((f"remediator approve {shlex.quote(reference)}",))


def hold(reference: str) -> Command:
    """How to put the decision off."""
    lead = Text("Or, once, decide an hour later:", "1 回に限り、判断を 1 時間延期するには:")
    return Command((f"remediator hold {shlex.quote(reference)}",), lead=lead)


def acknowledge(incident: str) -> Command:
    """How to say that a person has it."""
    lead = Text(
        "If you take it over (it then escalates no more):", "対応を引き受ける場合（以後エスカレーションしません）:"
    )
    return Command((f"remediator ack {shlex.quote(incident)}",), lead=lead)


def approve_by_cli(reference: str, region: str) -> Command:
    """The same with nothing but the AWS CLI."""
    payload = shlex.quote(json.dumps({"reference": reference, "answer": "approve"}))
    invoke = (f"--function-name {APPROVE_FUNCTION}", "--cli-binary-format raw-in-base64-out", f"--payload {payload}")
    return Command(("aws lambda invoke", *invoke, *_region(region), "/dev/stdout"))


def undo(incident: str) -> Command:
    """How to take the change of an incident back, through the program."""
    return Command((f"remediator undo {shlex.quote(incident)}",))


def undo_by_cli(calls: tuple[Call, ...], incident: str, region: str) -> tuple[Command, ...]:
    """The undo's exact calls, none where the CLI cannot make them all by itself."""
    exact = tuple(c for c in (command_of(call, region) for call in calls) if c)
    return tuple(Command(c.words, brief=undo(incident).line) for c in exact) if len(exact) == len(calls) else ()
