"""Looking at a saved event with the caller's own credentials: evidence, diagnosis, report; nothing is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import boto3

from ops import ROOT
from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.model import Incident, Signal
from remediator.core.ports import Scope
from remediator.core.settings import Settings, settings_from
from remediator.core.text import Language, Text
from remediator.core.timestamps import iso
from remediator.events import parse
from remediator.incidents.assessment import assess
from remediator.problems import load, route
from remediator.remediation.gather import gather
from remediator.reports.blocks import Report
from remediator.reports.channels.email import email_text
from remediator.reports.channels.json_report import report_json
from remediator.reports.compose import compose
from remediator.resources.kinds import workload_of

DECLARED = ROOT / "cdk.json"


def declared_settings() -> Settings:
    """The settings that `cdk.json` declares, defaults where there is none."""
    parsed = json.loads(DECLARED.read_text()) if DECLARED.exists() else {}
    return settings_from(parsed.get("context", {}).get("remediator", {}))


@dataclass(frozen=True, slots=True)
class DryRun:
    """What one signal of the event came to: a report, or why there is none."""

    report: Report | None = None
    why: str = ""

    def in_words(self, language: Language) -> str:
        """As an e-mail shows it."""
        if self.report:
            return email_text(self.report, language)
        return Text(f"no incident: {self.why}", f"インシデントではありません: {self.why}").in_(language)

    def as_json(self, language: Language) -> dict[str, Any]:
        """As programs read it."""
        return report_json(self.report, (language,)) if self.report else {"no_incident": self.why}


def at_event(event: Mapping[str, Any], region: str | None, language: Language) -> Iterator[DryRun]:
    """A report for each signal of the event, or why there is none."""
    settings = replace(declared_settings(), language=language)
    for parsed in parse(event):
        problem = route(parsed) if isinstance(parsed, Signal) else None
        if not isinstance(parsed, Signal) or problem is None:
            yield DryRun(why=str(getattr(parsed, "reason", None) or parsed))
            continue
        where = region or parsed.resource.region or None
        clients = Clients(boto3.Session(region_name=where))
        runtime = Runtime(settings=settings, environment=Environment(), clients=clients)
        yield DryRun(_report(runtime, load(problem), parsed))


def _report(runtime: Runtime, runbook: Any, signal: Signal) -> Report:
    now = iso(runtime.now())
    workload = workload_of(runtime.settings, signal.resource)
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
    case = replace(assess(runbook, incident, evidence, now, runtime.settings), stage="final")
    return compose(case, runtime.settings)
