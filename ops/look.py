"""Looking at a saved event with the caller's own credentials: evidence, diagnosis, report; nothing is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3

from remediator.aws.gather import gather
from remediator.aws.runtime import Clients, Runtime, Surroundings
from remediator.core.clocks import iso
from remediator.core.consider import consider
from remediator.core.edge import Scope
from remediator.core.model import Incident, Signal
from remediator.core.settings import Settings, settings_from
from remediator.core.signals import parse
from remediator.core.text import Language
from remediator.report.compose import compose
from remediator.report.mail import email_text
from remediator.runbooks import route

DECLARED = Path(__file__).parents[1] / "cdk.json"


def declared_settings() -> Settings:
    """The settings that `cdk.json` declares, defaults where there is none."""
    told = json.loads(DECLARED.read_text()) if DECLARED.exists() else {}
    return settings_from(told.get("context", {}).get("remediator", {}))


def at_event(event: Mapping[str, Any], region: str | None, language: Language) -> Iterator[str]:
    """A report as text for each signal of the event, or why there is none."""
    settings = replace(declared_settings(), language=language)
    for parsed in parse(event):
        runbook = route(parsed) if isinstance(parsed, Signal) else None
        if not isinstance(parsed, Signal) or runbook is None:
            yield f"no incident: {getattr(parsed, 'reason', None) or parsed}"
            continue
        where = region or parsed.resource.region or None
        clients = Clients(boto3.Session(region_name=where))
        runtime = Runtime(settings=settings, surroundings=Surroundings(), clients=clients)
        yield _report(runtime, runbook, parsed, language)


def _report(runtime: Runtime, runbook: Any, signal: Signal, language: Language) -> str:
    now = iso(runtime.now())
    workload = runtime.settings.workload_of(signal.resource)
    incident = Incident(
        id="replay-on-a-laptop",
        runbook=runbook.id,
        resource=signal.resource,
        level=signal.level,
        opened_at=now,
        signals=(signal,),
        origin="replay",
    )
    scope = Scope(incident=incident, now=now, settings=runtime.settings, workload=workload)
    evidence = gather(runtime, runbook.evidence, scope)
    case = replace(consider(runbook, incident, evidence, now, runtime.settings), stage="final")
    return email_text(compose(case, runtime.settings), language)
