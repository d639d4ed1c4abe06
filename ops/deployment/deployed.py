"""The deployment in an AWS account, as the command reaches it: by the outputs of its stack."""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.errors import ForAPerson
from remediator.core.settings import Settings
from remediator.ledger.incidents import Ledger

from ..commands.redrive import Letters
from . import signed


class Deployment:
    """One deployed stack."""

    def __init__(self, stack: str, region: str | None) -> None:
        self._stack = stack
        self._session = boto3.Session(region_name=region)

    @cached_property
    def _outputs(self) -> Mapping[str, str]:
        try:
            response = self._session.client("cloudformation").describe_stacks(StackName=self._stack)
        except (ClientError, BotoCoreError) as error:
            raise ForAPerson(f"stack {self._stack} cannot be read: {error}") from error
        return {o["OutputKey"]: o["OutputValue"] for o in response["Stacks"][0].get("Outputs", ())}

    def _output(self, name: str) -> str:
        if name not in self._outputs:
            raise ForAPerson(f"stack {self._stack} has no output {name}; is it this product's?")
        return self._outputs[name]

    @property
    def clients(self) -> Clients:
        """Clients with the caller's own credentials."""
        return Clients(self._session)

    @cached_property
    def _ledger(self) -> Ledger:
        environment = Environment(ledger_table=self._output("LedgerTable"))
        return Ledger(Runtime(settings=Settings(), environment=environment, clients=self.clients))

    def incidents(self, most: int) -> Sequence[Mapping[str, Any]]:
        """The ledger's records of the newest incidents, each trouble once; `noticed_by` names what is part of it."""
        return self._ledger.troubles(most)

    def record(self, incident: str) -> Mapping[str, Any]:
        """All that the ledger knows of one incident."""
        return self._ledger.load(incident)

    def invoke_intake(self, payload: Mapping[str, Any]) -> Any:
        """What the deployed intake function says to a request made by hand."""
        return self._invoke("IntakeFunction", payload)

    def letters(self) -> Letters:
        """The dead-letter queues and where their messages were going."""
        return Letters(
            sqs=self._session.client("sqs"),
            lambda_=self._session.client("lambda"),
            dead={
                "intake": self._output("DeadIntake"),
                "rules": self._output("DeadRules"),
                "remediate": self._output("DeadRemediate"),
                **({"slack": self._outputs["DeadSlack"]} if "DeadSlack" in self._outputs else {}),
            },
            intake_url=self._output("IntakeQueue"),
            intake_arn=self._output("IntakeQueueArn"),
            alias=self._output("RemediateAlias"),
            slack=self._outputs.get("SlackFunction", ""),
        )

    def answer(self, reference: str, answer: str) -> Mapping[str, Any]:
        """What the deployed approve function says to an answer.

        By its URL, where the deployment has one: then AWS itself tells the function who asks. Else by direct invoke.
        """
        if url := self._outputs.get("ApproveUrl"):
            return signed.post(self._session, url, {"reference": reference, "answer": answer})
        by = who(self._session.region_name)
        found = self._invoke("ApproveFunction", {"reference": reference, "answer": answer, "by": by})
        return found if isinstance(found, Mapping) else {"accepted": False, "why": found}

    def _invoke(self, output: str, payload: Mapping[str, Any]) -> Any:
        try:
            answer = self._session.client("lambda").invoke(
                FunctionName=self._output(output), Payload=json.dumps(payload)
            )
        except (ClientError, BotoCoreError) as error:
            raise ForAPerson(f"{output}: {error}") from error
        parsed = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise ForAPerson(f"{output}: {parsed.get('errorMessage', parsed)}")
        return parsed


def who(region: str | None) -> str:
    """The caller's ARN, as the ledger records who asked."""
    try:
        return str(boto3.Session(region_name=region).client("sts").get_caller_identity()["Arn"])
    except (ClientError, BotoCoreError) as error:
        raise ForAPerson(f"no usable AWS credentials: {error}") from error
