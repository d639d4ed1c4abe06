"""`remediator explain-gates`, as an engineer types it: on the ledgers of stories of the sandbox."""

import json
import re
from dataclasses import replace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops import cli
from ops.commands import look
from ops.deployment import deployed
from ops.gates.command import in_words
from ops.gates.explanation import explained
from remediator.core.errors import NotFound
from remediator.core.model import Fact
from remediator.core.plan import Advise
from remediator.core.text import Text
from remediator.gates import GATES
from remediator.gates.answers import Ask, Permit
from remediator.incidents.diagnosis import Diagnosis, Open
from remediator.incidents.record import Entry, IncidentRecord, SentReport
from sandbox.laptop import Laptop
from sandbox.scenarios import by_name
from tests.reports.cases import APPROVED, ASK, FINAL, FIRST, OOM_FIXED, UNTAGGED

RUN = CliRunner()
ORDER = [gate.name for gate in GATES]


@pytest.fixture(scope="module")
def ledger():
    """The ledger's record of one incident each: refused, asked about, acted on."""
    found = {}
    for story in ("untagged", "approved", "out-of-memory"):
        with Laptop() as laptop:
            by_name(story).play(laptop)
            found[story] = laptop.records()[0]
    return found


@pytest.fixture
def deployment(ledger, monkeypatch):
    def record(self, name):
        if name not in ledger:
            raise NotFound(f"no incident {name} in the ledger")
        return ledger[name]

    monkeypatch.setattr(deployed.Deployment, "record", record)
    monkeypatch.setattr(look, "declared_settings", look.Settings)


def said(*words):
    ran = RUN.invoke(cli.app, ["explain-gates", *words], env={"COLUMNS": "120"})
    return ran, re.sub(r"\x1b\[[0-9;]*m", "", ran.output)


def asked(story):
    ran, found = said(story, "--json")
    assert ran.exit_code == 0
    return json.loads(found)


def line(found, gate, part=""):
    return next(g for g in found["gates"] if (g["gate"], g["part"]) == (gate, part))


def test_of_an_incident_that_was_acted_on_every_gate_passed_in_order_with_its_fact_and_where_it_was_read(deployment):
    found = asked("out-of-memory")
    names = [g["gate"] for g in found["gates"]]
    assert list(dict.fromkeys(names)) == ORDER
    assert {g["answer"] for g in found["gates"] if g["gate"] != "change_freeze"} == {"passed"}
    (tag,) = line(found, "opt_in")["facts"]
    assert (tag["value"], tag["source"]) == ("auto", "ecs:DescribeServices")
    (switch,) = line(found, "kill_switch")["facts"]
    assert (switch["label"], switch["value"], switch["source"]) == ("/remediator/switch", "auto", "ssm:GetParameter")
    (lock,) = line(found, "change_limits", "lock")["facts"]
    assert lock["value"].startswith("lock#workload#")
    assert all(f["at"] and f["source"] for g in found["gates"] for f in g["facts"])


def test_a_gate_that_has_nothing_to_check_says_why_it_was_not_asked(deployment):
    freeze = line(asked("out-of-memory"), "change_freeze")
    assert freeze["answer"] == "not asked"
    assert "no change calendar is declared" in freeze["why"]


def test_a_refusal_is_named_with_its_reason_and_what_comes_after_it_was_not_reached(deployment):
    found = asked("untagged")
    assert "not opted in" in found["in_short"]
    assert line(found, "opt_in")["answer"] == "refused"
    assert "no auto-remediation tag" in line(found, "opt_in")["why"]
    assert line(found, "opt_in")["facts"][0]["value"] == "-"
    assert line(found, "kill_switch")["answer"] == "not reached"
    assert line(found, "kill_switch")["read_from"] == ["ssm:GetParameter"]


def test_a_question_names_the_gate_that_asked_and_who_answered(deployment):
    found = asked("approved")
    assert line(found, "opt_in")["answer"] == "asks a person"
    assert "auto-remediation=approve" in line(found, "opt_in")["why"]
    assert found["approval"].startswith("approved by ")
    assert line(found, "change_limits", "lock")["answer"] == "passed"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("recurrence limit", "[loop_breaker]", "refused", "not reached", "is read from: ssm:GetParameter")),
        ("ja", ("再発回数の上限", "[loop_breaker]", "拒否", "未実施", "読み取り元: ssm:GetParameter")),
    ],
)
def test_the_terminal_tells_it_in_both_languages(deployment, language, words):
    ran, found = said("untagged", "--language", language)
    assert ran.exit_code == 0
    assert [word for word in words if word not in found] == []


def test_an_incident_that_is_not_there_is_an_error_that_says_so(deployment):
    ran, _ = said("no-such")
    assert isinstance(ran.exception, NotFound)


@pytest.mark.parametrize("words", [(), ("untagged", "--language", "fr"), ("untagged", "--no-such"), ("a", "b")])
def test_a_wrong_option_exits_with_2(deployment, words):
    assert said(*words)[0].exit_code == 2


# -- without the sandbox -------------------------------------------------------------------------------------------------


def of(case, **values):
    reports = (SentReport(case, case.at),) if case else ()
    return explained(IncidentRecord(incident=FIRST.incident, state="closed", reports=reports, **values), "UTC")


def outcomes(found):
    return {(g.gate, g.part): g.outcome for g in found.lines}


def from_origin(case, origin):
    return replace(case, incident=replace(case.incident, origin=origin))


def test_where_no_plan_was_made_it_says_why_and_what_could_not_be_checked():
    unchecked = Open(
        "ecs_task_restarting.out_of_memory", Text("out of memory", "メモリ不足"), "ecs:DescribeTasks denied"
    )
    told = of(
        replace(
            FINAL,
            mode="observe",
            decision=Advise(Text("Look at the log", "ログを確認してください")),
            diagnosis=Diagnosis((), (), (unchecked,)),
            gaps={"log": "Denied: logs:FilterLogEvents"},
            answers=(),
        )
    )
    reasons = " ".join(why.en for why in told.no_plan)
    for words in ("No cause", "Look at the log", "ecs:DescribeTasks denied", "logs:FilterLogEvents", "not opted in"):
        assert words in reasons
    assert told.lines == ()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"notes": (Entry("joined", "", "other-1"),)}, "part of incident other-1"),
        ({"verdict": "opted_out"}, "auto-remediation=off"),
        ({}, "No report has been sent yet"),
    ],
)
def test_where_no_report_was_sent_it_says_why(values, words):
    (why,) = of(None, **values).no_plan
    assert words in why.en


def test_a_recovery_by_hand_is_not_asked_what_its_person_knows_already():
    found = outcomes(of(from_origin(OOM_FIXED, "recover")))
    not_asked = {gate for (gate, _), outcome in found.items() if outcome == "not asked"}
    assert not_asked == {g.name for g in GATES if "recovery" not in g.asked_of} | {"change_freeze"}


def test_an_undo_is_asked_tag_switch_and_lock_alone():
    found = outcomes(of(from_origin(OOM_FIXED, "undo")))
    passed = {name for name, outcome in found.items() if outcome == "passed"}
    assert {("opt_in", ""), ("kill_switch", ""), ("change_limits", "lock")} <= passed
    assert found["change_limits", "cooldown"] == "not asked"
    assert found["loop_breaker", ""] == "not asked"


def test_a_replay_only_looks():
    assert outcomes(of(from_origin(UNTAGGED, "replay")))["kill_switch", ""] == "not asked"


def test_a_gate_that_could_not_read_its_fact_is_told_once_as_a_whole():
    answers = (Permit("opt_in"), Ask("change_limits", Text("could not be checked: x", "確認できません: x")))
    found = outcomes(of(replace(FINAL, answers=answers)))
    assert found["change_limits", ""] == "asks a person"
    assert found["change_limits", "lock"] == "not reached"


@pytest.mark.parametrize(
    ("case", "words"), [(ASK, "waits for a person until"), (APPROVED, "approved by arn:aws:sts::123456789012")]
)
def test_how_the_question_stands_is_told(case, words):
    assert words in of(case).approval.en


def test_no_text_from_outside_is_markup_for_the_terminal():
    hostile = Fact(Text("[red]x[/]", "x"), "\x1b[31m\u202egnp", "a:B", FINAL.at)
    found = of(replace(FINAL, answers=(Permit("opt_in", facts=(hostile,)),)))
    console = Console(width=100, record=True, force_terminal=False)
    console.print(in_words(found, "en", "UTC"))
    text = console.export_text()
    assert "[red]x[/]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
