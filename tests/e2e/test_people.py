"""What people reach the deployed functions by, each under its own role with IAM enforced: the widget, and orders by approve."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from remediator.aws.runtime import Clients, Environment, Runtime
from remediator.core.settings import Settings
from remediator.core.timestamps import iso
from remediator.ledger.incidents import Ledger
from tests import samples

from .deployment import deploy_product

short = pytest.mark.e2e_short


class Reached(Clients):
    """The product's own clients, pointed at the emulator."""

    def __init__(self, emulator):
        self._emulator = emulator

    def __call__(self, service, region=""):
        return self._emulator.client(service)


@pytest.fixture
def product(emulator):
    return deploy_product(emulator)


@pytest.fixture
def incident(emulator, product):
    """One that was opened a moment ago and that nobody looks after."""
    now = emulator.now()
    environment = Environment(ledger_table=product.outputs["LedgerTable"])
    runtime = Runtime(settings=Settings(), environment=environment, clients=Reached(emulator), now=lambda: now)
    opened = samples.incident(opened_at=iso(now - timedelta(minutes=1)))
    opened = replace(opened, signals=(samples.signal(at=opened.opened_at),))
    Ledger(runtime).tell(opened.signals[0], opened)
    return opened.id


def invoked(emulator, product, output, event):
    answer = emulator.client("lambda").invoke(FunctionName=product.outputs[output], Payload=json.dumps(event))
    assert "FunctionError" not in answer
    return json.loads(answer["Payload"].read())


@short
def test_the_widget_reads_the_ledger_and_its_buttons_name_the_deployed_approve(emulator, product, incident):
    found = invoked(emulator, product, "WidgetFunction", {"widgetContext": {"locale": "en"}})
    assert "Open incidents: 1" in found
    assert json.dumps({"reference": incident, "answer": "ack"}) in found
    approve = emulator.client("lambda").get_function(FunctionName=product.outputs["ApproveFunction"])
    assert f'endpoint="{approve["Configuration"]["FunctionArn"]}"' in found


@short
def test_an_order_reaches_intake_through_approve_which_says_what_intake_said(emulator, product, incident):
    order = {"reference": incident, "answer": "undo", "by": "sato@example.com"}
    found = invoked(emulator, product, "ApproveFunction", order)
    assert (found["accepted"], found["why"]) == (False, "that incident made no change")
    shown = invoked(emulator, product, "ApproveFunction", {**order, "widgetContext": {"locale": "en"}})
    assert "Not taken" in shown
    assert "that incident made no change" in shown


@short
def test_a_chats_button_says_nothing_unless_the_deployment_lets_chats_answer(emulator, product, incident):
    assert "chat_approvals" in invoked(emulator, product, "ApproveFunction", {"undo": incident})["why"]


@short
def test_the_dashboard_is_there_under_the_regions_name(emulator, product):
    name = product.outputs["DashboardUrl"].rsplit("/", 1)[1]
    body = json.loads(emulator.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    assert body["widgets"][0]["type"] == "custom"
    assert ":function:remediator-widget" in body["widgets"][0]["properties"]["endpoint"]
