"""A recovery by hand as the command tells it: how the resource stands, the exact plan, the question, the verdict."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import typer

from remediator.core.errors import NotFound, RemediatorError
from remediator.core.plan import Plan
from remediator.core.serialization import Json
from remediator.core.text import Language, Text
from remediator.events.recovery_requests import Asked, ProcedureName
from remediator.recovery.procedures import Action
from remediator.redaction.redact import outside, printable
from remediator.reports.sections.commands import command_of

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
GAP_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a recovery is told and started."""

    yes: bool
    wait: bool
    stack: str
    region: str | None
    as_json: bool
    language: Language


def connected(how: How) -> Any:
    """The engineer's own credentials, and the deployment as they reach it."""
    from ops.commands import recovery_look as recovering  # noqa: PLC0415  # boto3 takes a second to load
    from ops.deployment import deployed  # noqa: PLC0415

    return recovering.caller(how.region), deployed.Deployment(how.stack, how.region)


def pause(seconds: float) -> None:
    """Between two looks into the ledger."""
    time.sleep(seconds)


def run(name: ProcedureName, text: str, wanted: Mapping[str, Any], how: How) -> None:
    """One procedure: looks, and starts the wanted action where one is named; ends with the exit status of it."""
    from ops.commands import recovery_look as recovering  # noqa: PLC0415

    say = _sayer(how)
    try:
        who, deployment = connected(how)
        resource = recovering.resource_named(who, name, text)
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
        typer.echo(f"remediator: {type(error).__name__}: {outside(str(error), GAP_CHARS)}", err=True)
        raise typer.Exit(USAGE if isinstance(error, NotFound) else FAILED) from error


def _sayer(how: How) -> Callable[[str], None]:
    """Where people read it; with --json nothing but the document goes to standard output."""
    return (lambda _: None) if how.as_json else _echo


def _echo(line: str) -> None:
    """One line on the terminal: what AWS or a log says in it moves no cursor and changes no colour."""
    typer.echo(printable(line))


def _say_state(say: Callable[[str], None], seen: Any, state: Json, how: How) -> None:
    say(f"{seen.procedure.title.in_(how.language)}: {state['resource']}")
    for fact in state["state"]:
        say(f"  {fact['what']}: {fact['value']}  ({fact['read_by']}, {fact['at']})")
    for name, why in seen.gaps.items():
        if not why.startswith("NotFound"):  # what is not there has nothing to read; --json names it all the same
            say(f"  {_GAP.in_(how.language)}: {name}: {outside(why, GAP_CHARS)}")


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
    found: Json = {
        "plan": plan.short_hash,
        "does": plan.title.in_(how.language),
        "calls": [_line(c, region) for c in plan.calls],
        "before": dict(plan.before),
        "after": dict(plan.after),
        "undo": [_line(c, region) for c in plan.undo],
        "cost_per_month_usd": plan.cost_per_month_usd,
    }
    if plan.no_undo:
        found["no_undo"] = plan.no_undo.in_(how.language)
    if plan.ask_because:
        found["mind"] = plan.ask_because.in_(how.language)
    return found


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


def _follow(say: Callable[[str], None], found: Json, deployment: Any, how: How) -> None:
    from ops.commands import recovery_look as recovering  # noqa: PLC0415

    if "incident" not in found:
        why = str(found.get("refused") or found.get("ignored") or found)
        _end(say, found, how, REFUSED, Text(why, why))
    words, incident = _WORDS[how.language], str(found["incident"])
    say(f"{words['started']}: {incident}")
    say(f"  {words['follow']} {incident}")
    if not how.wait:
        _end(say, found, how, DONE)
    record = recovering.wait_for(deployment, incident, pause, lambda now: typer.echo(f"  ... {now}", err=True))
    verdict = str(record.get("verdict", ""))
    status = DONE if verdict == "fixed" else REFUSED if verdict == "refused" else FAILED
    why = recovering.why_of(record, how.language)
    _end(say, {**found, "verdict": verdict, "told": why}, how, status, Text(f"{verdict}: {why}", f"{verdict}: {why}"))


def _end(say: Callable[[str], None], found: Json, how: How, status: int, last: Text | None = None) -> NoReturn:
    if last is not None:
        say(last.in_(how.language))
    if how.as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    raise typer.Exit(status)
