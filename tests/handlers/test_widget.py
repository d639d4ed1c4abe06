"""The widget's function on a ledger: what it answers, and that nothing that fails is shown as a trace."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from remediator.aws import runtime as product
from remediator.aws.runtime import Environment
from remediator.core.errors import NotFound
from remediator.handlers import widget
from remediator.incidents.case import Approval
from remediator.ledger.incidents import Ledger
from remediator.reports.dashboard.viewer import Viewer
from tests import samples

HERE = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-widget"
DESK = "arn:aws:lambda:ap-northeast-1:123456789012:function:remediator-approve"
CONTEXT = SimpleNamespace(invoked_function_arn=HERE)
INCIDENT = samples.incident()


@pytest.fixture
def installed(runtime):
    there = replace(runtime, environment=Environment(ledger_table="ledger", approve_function=DESK))
    product.install(there)
    yield there
    product.install(None)


@pytest.fixture
def asking(installed):
    ledger, plan = Ledger(installed), samples.plan()
    ledger.tell(INCIDENT.signals[0], INCIDENT)
    approval = Approval(reference=f"{INCIDENT.id}-{plan.short_hash}", expires_at="2026-11-23T04:00:00.000Z")
    ledger.note(INCIDENT.id, state="asking", asked=approval, plan=plan, evidence={"long": "x" * 1000})
    return installed


def page(record, settings, language):
    return f"<article>{record['pk']} {settings.language} {language}</article>"


def shown(event, runtime=None, viewer=None):
    return widget.Widget(runtime or product.current(), viewer or Viewer(), HERE, page).shown(event)


def test_it_describes_itself_without_looking_at_anything():
    product.install(None)
    text = widget.handle({"describe": True}, CONTEXT)
    assert text.startswith("## ")
    assert "lambda:InvokeFunction" in text
    assert "| `incident` |" in text


def test_an_empty_ledger_is_an_empty_board(installed):
    text = widget.handle({}, CONTEXT)
    assert "Nothing is open." in text
    assert "2026" not in text.split("</style>")[1].split("Read:")[0]


def test_the_board_asks_what_the_ledger_asks(asking):
    text = widget.handle({"widgetContext": {"locale": "en"}}, CONTEXT)
    assert json.dumps({"reference": f"{INCIDENT.id}-{samples.plan().short_hash}", "answer": "approve"}) in text
    assert f'endpoint="{DESK}"' in text
    assert "Longer grace period: 0 -&gt; 120 s" in text


def test_the_board_speaks_the_viewers_language_and_else_the_deployments(asking):
    product.install(replace(asking, settings=replace(asking.settings, language="ja")))
    assert "未解決のインシデント" in widget.handle({}, CONTEXT)
    assert "Open incidents" in widget.handle({"widgetContext": {"locale": "en"}}, CONTEXT)


def test_what_is_long_of_a_record_is_not_read_for_the_board(asking):
    (record,), whole = Ledger(asking).since("2026-11-16T00:00:00.000Z", ("pk", "opened_at", "asked"))
    assert set(record) == {"pk", "opened_at", "asked"}
    assert whole


def test_old_incidents_are_left_out_unless_they_are_open(asking):
    records, _ = Ledger(asking).since("2026-11-24T00:00:00.000Z", ("pk",))
    assert len(records) == 1
    Ledger(asking).note(INCIDENT.id, state="closed")
    assert Ledger(asking).since("2026-11-24T00:00:00.000Z", ("pk",)) == ([], True)


def test_a_ledger_that_is_longer_than_what_is_read_says_so(asking, monkeypatch):
    monkeypatch.setattr("remediator.ledger.incidents.RECENT_PAGES", 0)
    assert "too low" in widget.handle({}, CONTEXT)


def test_an_incident_is_shown_as_its_page_with_what_can_be_said_of_it(asking):
    found = shown({"incident": INCIDENT.id}, viewer=Viewer(language="ja", dark=True))
    assert f"<article>incident#{INCIDENT.id} en ja</article>" in found
    assert json.dumps({"reference": INCIDENT.id, "answer": "ack"}) in found
    assert "承認" in found


def test_an_incident_that_there_is_not_is_said_to_be_none(installed):
    assert "There is no such incident" in widget.handle({"incident": "ecs-nowhere-1"}, CONTEXT)
    with pytest.raises(NotFound):
        shown({"incident": "ecs-nowhere-1"})


@pytest.mark.parametrize("id", ["", "A", "<b>", "slot#x", "a" * 64, {"a": 1}])
def test_what_is_no_id_is_not_looked_up(installed, id):
    text = widget.handle({"incident": id}, CONTEXT)
    assert "There is no such incident" in text
    assert "<b>" not in text.split("</style>")[1]


class Broken:
    """A DynamoDB that answers everything so."""

    def __init__(self, error):
        self._error = error

    def __call__(self, service, region=""):
        return self

    def __getattr__(self, name):
        def fail(**_):
            raise self._error

        return fail


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            ClientError({"Error": {"Code": "AccessDeniedException", "Message": "arn of a role"}}, "Scan"),
            "cannot be read",
        ),
        (ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "Scan"), "cannot be read"),
        (EndpointConnectionError(endpoint_url="https://dynamodb"), "cannot be read"),
        (KeyError("a defect of ours"), "cannot be shown"),
    ],
)
@pytest.mark.parametrize("event", [{}, {"incident": "ecs-task-1"}])
def test_whatever_fails_is_told_in_a_sentence_and_in_full_in_the_log(installed, caplog, event, error, words):
    product.install(replace(installed, clients=Broken(error)))
    text = widget.handle(event, CONTEXT)
    assert words in text
    assert "remediator-widget" in text
    for inside in ("Traceback", "AccessDenied", "arn of a role", "KeyError", "defect", "dynamodb"):
        assert inside not in text


def test_a_deployment_whose_settings_are_broken_says_so_too(monkeypatch):
    def broken():
        raise ValueError("settings")

    monkeypatch.setattr(widget, "current", broken)
    assert "cannot be shown" in widget.handle({}, CONTEXT)


def test_the_page_is_the_one_that_reports_have(asking):
    pytest.importorskip("remediator.reports.page.page", reason="the incident's page is on another branch")
    text = widget.handle({"incident": INCIDENT.id}, CONTEXT)
    assert INCIDENT.id in text
    assert "cannot be shown" not in text
