"""Whether an account and its region are ready for the product; nothing is written, every call is a read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError
from rich.cells import set_cell_size

from infra.declared import Declared, cdk_context, declared_from
from remediator.aws.client import AwsClient
from remediator.aws.runtime import Clients
from remediator.core.errors import RemediatorError
from remediator.core.ports import GLOBAL_REGION, Aws
from remediator.core.text import Language, Text, same
from remediator.problems import load_all

from .account_checks import AFTER, BEFORE
from .finding import Check, Finding, Here, Status
from .workload_checks import WORKLOADS

CHECKS: tuple[Check, ...] = (*BEFORE, *WORKLOADS, *AFTER)
COLUMN = 13  # a Japanese sign fills two cells
NAMES = tuple(c.name for c in CHECKS)
WORDS: Mapping[Status, Text] = {
    "ok": Text("ok", "良"),
    "missing": Text("MISSING", "不足"),
    "unknown": Text("not checked", "未確認"),
    "later": Text("later", "後で"),
}
READY = Text("Nothing that was checked stops a deployment.", "確認した範囲に、デプロイを妨げるものはありません。")
NOT_READY = Text("A deployment would fail: ", "このままではデプロイに失敗します: ")


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was found, and where.

    Attributes:
        whole: every check was made, so that there is a verdict.
    """

    findings: Sequence[Finding]
    account: str = ""
    region: str = ""
    whole: bool = True

    @property
    def ready(self) -> bool:
        """Whether nothing was found that stops a deployment."""
        return not any(f.stops and f.status == "missing" for f in self.findings)

    def as_json(self, language: Language) -> str:
        """For a program."""
        response: Mapping[str, Any] = {
            "ready": self.ready,
            "account": self.account,
            "region": self.region,
            "findings": [f.plain(language) for f in self.findings],
        }
        return json.dumps(response, ensure_ascii=False, indent=1)

    def lines(self, language: Language) -> Iterator[str]:
        """For people: each finding with the command that mends it, the verdict last."""
        for finding in self.findings:
            word = WORDS[finding.status].in_(language)
            yield f"{set_cell_size(word, COLUMN)}{finding.check:<{COLUMN}}{finding.message.in_(language)}"
            if finding.mend:
                yield f"{'':<{2 * COLUMN}}-> {finding.mend}"
        stopping = ", ".join(dict.fromkeys(f.check for f in self.findings if f.stops and f.status == "missing"))
        if not self.ready:
            yield (NOT_READY + same(stopping)).in_(language)
        elif self.whole:
            yield READY.in_(language)


def preflight(region: str | None, stack: str, only: Sequence[str] = ()) -> Outcome:
    """Looks with the caller's own credentials.

    Args:
        region: as the profile says where left out.
        stack: the product's stack, whose topics are looked at once it is deployed.
        only: names of checks; all where there are none.

    Raises:
        ValueError: `cdk.json` cannot be meant.
    """
    session = boto3.Session(region_name=region)
    if not session.region_name:
        return Outcome([_no_region()])
    clients = Clients(session)
    aws = AwsClient(clients, None)
    try:
        identity = aws.call("sts:GetCallerIdentity")
    except (RemediatorError, BotoCoreError) as error:
        return Outcome([_nobody(error)], region=session.region_name)
    here = here_of(identity, session.region_name, stack)
    if any(w.distribution for w in here.settings.workloads) and here.region != GLOBAL_REGION:
        here = replace(here, edge=AwsClient(lambda service, _: clients(service, GLOBAL_REGION), None))
    return Outcome(run(aws, here, only), here.account, here.region, whole=not only)


def here_of(identity: Mapping[str, Any], region: str, stack: str) -> Here:
    """What the checks need to know of the place and of what is declared."""
    declared: Declared = declared_from(cdk_context().get)
    return Here(
        account=identity["Account"],
        region=region,
        partition=identity["Arn"].split(":")[1],
        settings=declared.settings,
        stack=stack,
        writes=frozenset(p.action for r in load_all() for p in r.writes() if p.called),
        durable_regions=declared.durable_regions,
        pass_roles=declared.pass_roles,
    )


def run(aws: Aws, here: Here, only: Sequence[str] = ()) -> list[Finding]:
    """What the checks find, in their order."""
    chosen = [c for c in CHECKS if not only or c.name in only]
    return [finding for check in chosen for finding in check.found(aws, here)]


def _no_region() -> Finding:
    text = Text("no region is named", "リージョンが指定されていません")
    return Finding(
        check="credentials", status="missing", message=text, mend="export AWS_DEFAULT_REGION=ap-northeast-1", stops=True
    )


def _nobody(error: Exception) -> Finding:
    text = Text("no usable AWS credentials: ", "使える AWS 認証情報がありません: ") + same(str(error))
    mend = "aws sso login, or export AWS_PROFILE=NAME; then: aws sts get-caller-identity"
    return Finding(check="credentials", status="missing", message=text, mend=mend, stops=True)
