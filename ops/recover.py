"""`remediator recover`: the guide's recovery procedures, looked at and started by hand. Nothing here writes."""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NoReturn

import typer

from remediator.core.errors import EventNotUnderstood, NotFound, RemediatorError
from remediator.core.model import Plan
from remediator.core.plain import Json
from remediator.core.recovery import Action
from remediator.core.signals.recover import (
    INDEX,
    LARGEST_NUMBER,
    TARGETS_AT_MOST,
    Asked,
    AskedTarget,
    ProcedureName,
    target,
)
from remediator.core.text import Language, Text
from remediator.report.commands import command_of

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
EXITS = (
    "Exit status: 0 where it was looked at, started, or (with --wait) proved; 1 where AWS or the deployment failed, or "
    "it is not proved; 2 for a wrong option or a resource that is not there; 3 where it is refused, or you said no."
)
app = typer.Typer(
    help="The guide's recovery procedures for one named resource: look, or let the deployed function act on it.",
    no_args_is_help=True,
)
Restart = Annotated[bool, typer.Option("--restart", help="force a new deployment of the same definition")]
Tasks = Annotated[int | None, typer.Option("--count", min=1, max=LARGEST_NUMBER, help="set the number of tasks")]
Index = Annotated[str, typer.Option("--index", help="of this index instead of the table itself")]
Units = Annotated[int | None, typer.Option(min=1, max=LARGEST_NUMBER, help="provisioned units to raise to")]
OnDemand = Annotated[bool, typer.Option("--on-demand", help="switch to billing by the request")]
Register = Annotated[list[str] | None, typer.Option("--register", help="ID:PORT; may be repeated")]
Deregister = Annotated[list[str] | None, typer.Option("--deregister", help="ID or ID:PORT; may be repeated")]
Yes = Annotated[bool, typer.Option("--yes", help="start it without asking; needed where no terminal is attached")]
Wait = Annotated[bool, typer.Option("--wait", help="wait until it is proved, at most 40 minutes")]
StackName = Annotated[str, typer.Option("--stack", help="CloudFormation stack of the deployment")]
Region = Annotated[str | None, typer.Option("--region", help="AWS region; as your profile says where left out")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of text")]
LanguageChoice = Annotated[str, typer.Option("--language", help="en or ja")]
STACK = "Remediator"


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a recovery is told and started."""

    yes: bool
    wait: bool
    stack: str
    region: str | None
    as_json: bool
    language: Language


@app.command(epilog=EXITS)
def ecs(  # noqa: PLR0913  # each is an option
    service: Annotated[str, typer.Argument(help="CLUSTER/SERVICE, or the service's ARN")],
    *,
    restart: Restart = False,
    count: Tasks = None,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """An ECS service: look; or replace its tasks by fresh ones, or set their number.

    Without --restart or --count it only looks, with your own credentials. With one of them it shows the exact plan,
    asks, and lets the deployed function do just that, through all its gates: tag, switch, cooldown, budgets, lock.
    """
    if restart and count is not None:
        raise typer.BadParameter("--restart or --count, one change at a time")
    wanted = {"action": "restart"} if restart else {"action": "count", "count": count} if count is not None else {}
    _run("ecs", service, wanted, _how(yes, wait, stack, region, as_json, language))


@app.command(epilog=EXITS)
def dynamodb(  # noqa: PLR0913  # each is an option
    table: Annotated[str, typer.Argument(help="the table's name or ARN")],
    *,
    index: Index = "",
    read: Units = None,
    write: Units = None,
    on_demand: OnDemand = False,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """A DynamoDB table: look; or raise its capacity (autoscaling's bounds where it owns it), or switch to on-demand.

    Without --read, --write or --on-demand it only looks, with your own credentials. To prove a change the deployed
    function counts one item (Scan, Limit 1, Select COUNT): no item is read.
    """
    units = {n: v for n, v in (("read", read), ("write", write)) if v is not None}
    if on_demand and (units or index):
        raise typer.BadParameter("--on-demand goes for the whole table and takes no --read, --write or --index")
    if index and not INDEX.fullmatch(index):
        raise typer.BadParameter(f"--index: {index} is no name of an index")
    wanted: dict[str, Any] = {"action": "on_demand"} if on_demand else {"action": "capacity", **units} if units else {}
    _run("dynamodb", table, {**wanted, "index": index}, _how(yes, wait, stack, region, as_json, language))


@app.command(epilog=EXITS)
def alb(  # noqa: PLR0913  # each is an option
    target_group: Annotated[str, typer.Argument(help="the target group's name or ARN")],
    *,
    register: Register = None,
    deregister: Deregister = None,
    yes: Yes = False,
    wait: Wait = False,
    stack: StackName = STACK,
    region: Region = None,
    as_json: AsJson = False,
    language: LanguageChoice = "en",
) -> None:
    """A load balancer's targets: look; or register and deregister instances or IPv4 addresses.

    Without --register or --deregister it only looks, with your own credentials. Refused: what ECS registers itself,
    and whatever would leave no healthy target.
    """
    wanted: dict[str, Any] = {
        "register": _targets(register, "--register", port_needed=True),
        "deregister": _targets(deregister, "--deregister", port_needed=False),
    }
    wanted = {"action": "targets", **wanted} if any(wanted.values()) else {}
    _run("alb", target_group, wanted, _how(yes, wait, stack, region, as_json, language))


def _targets(told: Sequence[str] | None, option: str, *, port_needed: bool) -> tuple[AskedTarget, ...]:
    if told and len(told) > TARGETS_AT_MOST:
        raise typer.BadParameter(f"{option}: at most {TARGETS_AT_MOST}")
    try:
        return tuple(sorted({target(t, port_needed=port_needed) for t in told or ()}))
    except EventNotUnderstood as error:
        raise typer.BadParameter(f"{option}: {error}") from error


def _how(  # the options that every procedure takes
    yes: bool,
    wait: bool,
    stack: str,
    region: str | None,
    as_json: bool,
    language: str,
) -> How:
    if language not in ("en", "ja"):
        raise typer.BadParameter("en or ja")
    chosen: Language = "ja" if language == "ja" else "en"
    return How(yes=yes, wait=wait, stack=stack, region=region, as_json=as_json, language=chosen)


def connected(how: How) -> Any:
    """The engineer's own credentials, and the deployment as they reach it."""
    from ops import deployed, recovering  # noqa: PLC0415  # boto3 takes a second to load

    return recovering.caller(how.region), deployed.Deployment(how.stack, how.region)


def pause(seconds: float) -> None:
    """Between two looks into the ledger."""
    time.sleep(seconds)


def _run(name: ProcedureName, told: str, wanted: Mapping[str, Any], how: How) -> None:
    from ops import recovering  # noqa: PLC0415

    say = _sayer(how)
    try:
        who, deployment = connected(how)
        resource = recovering.resource_named(who, name, told)
        seen = recovering.look(who.runtime, name, resource, str(wanted.get("index", "")))
        state: Json = {"resource": resource.arn, "state": recovering.told_facts(seen, how.language), "gaps": seen.gaps}
        _say_state(say, seen, state, how)
        if "action" not in wanted:
            _only_looked(say, seen, state, how)
            return
        asked = Asked(procedure=name, resource=resource, **wanted)
        decision = seen.plan(asked)
        if not isinstance(decision, Plan):
            _end(say, {**state, "refused": decision.why.in_(how.language)}, how, REFUSED, decision.why)
        plan: Json = _plan(decision, how)
        _say_plan(say, plan, how)
        _agree(how)
        outcome = recovering.start(deployment, asked, decision, who.arn)
        _follow(say, {**state, "plan": plan, **outcome}, deployment, how)
    except RemediatorError as error:
        typer.echo(f"remediator: {type(error).__name__}: {error}", err=True)
        raise typer.Exit(USAGE if isinstance(error, NotFound) else FAILED) from error


def _sayer(how: How) -> Callable[[str], None]:
    """Where people read it; with --json nothing but the document goes to standard output."""
    return (lambda _: None) if how.as_json else typer.echo


def _say_state(say: Callable[[str], None], seen: Any, state: Json, how: How) -> None:
    say(f"{seen.procedure.title.in_(how.language)}: {state['resource']}")
    for fact in state["state"]:
        say(f"  {fact['what']}: {fact['value']}  ({fact['read_by']}, {fact['at']})")
    for name, why in seen.gaps.items():
        say(f"  {_GAP.in_(how.language)}: {name}: {why}")


def _only_looked(say: Callable[[str], None], seen: Any, state: Json, how: How) -> None:
    """The first step of the procedure: what can be done, and what those that need no figure would do now."""
    said = []
    for action in seen.procedure.actions:
        would = _would(seen, action)
        line: Json = {"action": action.name, "command": action.command}
        say(f"{action.title.in_(how.language)}: {action.command}")
        if would is not None:
            line["would"] = would.in_(how.language)
            say(f"  -> {line['would']}")
        said.append(line)
    say(_LOOKED.in_(how.language))
    if how.as_json:
        typer.echo(json.dumps({**state, "actions": said}, ensure_ascii=False, indent=2))


def _would(seen: Any, action: Action) -> Text | None:
    if action.name not in ("restart", "on_demand"):
        return None
    decision = seen.plan(Asked(procedure=seen.procedure.name, action=action.name, resource=seen.resource))
    return decision.title if isinstance(decision, Plan) else decision.why


def _plan(plan: Plan, how: How) -> Json:
    region = plan.resource.region
    told: Json = {
        "plan": plan.short_hash,
        "does": plan.title.in_(how.language),
        "calls": [_line(c, region) for c in plan.calls],
        "before": dict(plan.before),
        "after": dict(plan.after),
        "undo": [_line(c, region) for c in plan.undo],
        "cost_per_month_usd": plan.cost_per_month_usd,
    }
    if plan.no_undo:
        told["no_undo"] = plan.no_undo.in_(how.language)
    if plan.ask_because:
        told["mind"] = plan.ask_because.in_(how.language)
    return told


def _line(call: Any, region: str) -> str:
    command = command_of(call, region)
    return " ".join(command.words) if command else call.action


def _say_plan(say: Callable[[str], None], plan: Json, how: How) -> None:
    words = _WORDS[how.language]
    say(f"{words['plan']} {plan['plan']}: {plan['does']}")
    for name, value in plan["before"].items():
        say(f"  {name}: {value} -> {plan['after'].get(name, '-')}")
    for call in plan["calls"]:
        say(f"  {words['call']}: {call}")
    for call in plan["undo"]:
        say(f"  {words['undo']}: {call}")
    if "no_undo" in plan:
        say(f"  {words['undo']}: - ({plan['no_undo']})")
    cost = plan["cost_per_month_usd"]
    say(f"  {words['cost']}: {words['unknown'] if cost is None else f'USD {cost:,.2f}'}")
    if "mind" in plan:
        say(f"  {words['mind']}: {plan['mind']}")


_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "plan": "Plan",
        "call": "call",
        "undo": "undo",
        "cost": "cost a month, at most",
        "unknown": "none, or not known here",
        "mind": "mind that",
        "start": "Let the deployed function do exactly this?",
        "started": "started",
        "follow": "follow it: remediator incidents; take it back: remediator undo",
    },
    "ja": {
        "plan": "計画",
        "call": "呼び出し",
        "undo": "取り消し",
        "cost": "月額費用（最大）",
        "unknown": "なし、または不明",
        "mind": "注意",
        "start": "デプロイ済みの関数にこの内容を実行させますか？",
        "started": "開始しました",
        "follow": "経過の確認: remediator incidents、取り消し: remediator undo",
    },
}
_GAP = Text("could not be read", "読み取れませんでした")
_LOOKED = Text("Nothing was changed.", "変更していません。")


def _agree(how: How) -> None:
    if how.yes:
        return
    if how.as_json or not sys.stdin.isatty():
        typer.echo("remediator: no terminal to ask on: look at the plan, then add --yes", err=True)
        raise typer.Exit(USAGE)
    if not typer.confirm(_WORDS[how.language]["start"]):
        raise typer.Exit(REFUSED)


def _follow(say: Callable[[str], None], told: Json, deployment: Any, how: How) -> None:
    from ops import recovering  # noqa: PLC0415

    if "incident" not in told:
        why = str(told.get("refused") or told.get("ignored") or told)
        _end(say, told, how, REFUSED, Text(why, why))
    words, incident = _WORDS[how.language], str(told["incident"])
    say(f"{words['started']}: {incident}")
    say(f"  {words['follow']} {incident}")
    if not how.wait:
        _end(say, told, how, DONE)
    record = recovering.wait_for(deployment, incident, pause, lambda now: typer.echo(f"  ... {now}", err=True))
    verdict = str(record.get("verdict", ""))
    status = DONE if verdict == "fixed" else REFUSED if verdict == "refused" else FAILED
    why = recovering.why_of(record, how.language)
    _end(say, {**told, "verdict": verdict, "told": why}, how, status, Text(f"{verdict}: {why}", f"{verdict}: {why}"))


def _end(say: Callable[[str], None], told: Json, how: How, status: int, last: Text | None = None) -> NoReturn:
    if last is not None:
        say(last.in_(how.language))
    if how.as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    raise typer.Exit(status)
