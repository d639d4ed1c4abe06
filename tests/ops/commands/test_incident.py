"""`remediator incident` and `remediator watch`, as an engineer types them: on the ledger of a story of the sandbox."""

import io
import json
import re

import pytest
from rich.console import Console
from typer.testing import CliRunner

from ops import cli
from ops.commands import look
from ops.deployment import deployed
from ops.incidents import incidents
from remediator.core.errors import NotFound
from sandbox.laptop import Laptop
from sandbox.scenarios import by_name

RUN = CliRunner()


@pytest.fixture(scope="module")
def story():
    with Laptop() as laptop:
        by_name("slow-busy-tasks").play(laptop)
        with laptop.world.behind_the_scenes():
            yield laptop


@pytest.fixture
def deployment(story, monkeypatch):
    records = {str(r["pk"]).removeprefix("incident#"): r for r in story.records()}

    def record(self, name):
        if name not in records:
            raise NotFound(f"no incident {name} in the ledger")
        return records[name]

    monkeypatch.setattr(deployed.Deployment, "record", record)
    monkeypatch.setattr(deployed.Deployment, "clients", story.runtime.clients)
    monkeypatch.setattr(look, "declared_settings", lambda: story.runtime.settings)
    return next(iter(records))


def said(*words):
    ran = RUN.invoke(cli.app, list(words), env={"COLUMNS": "120"})
    return ran, re.sub(r"\x1b\[[0-9;]*m", "", ran.output)


def test_it_tells_what_broke_what_was_done_what_proves_it_and_how_to_undo_it(deployment):
    ran, found = said("incident", deployment)
    assert ran.exit_code == 0
    for word in (
        "FIXED",
        "[medium]",
        "BROKE",
        "DONE",
        "PROOF",
        "UNDO",
        f"remediator undo {deployment}",
        "Timeline",
        "Changed:",
    ):
        assert word in found


def test_it_speaks_japanese(deployment):
    _, found = said("incident", deployment, "--language", "ja")
    assert "復旧" in found
    assert "タイムライン" in found


def test_its_page_is_one_file_with_the_metrics(deployment, tmp_path):
    ran, found = said("incident", deployment, "--html", str(tmp_path / "page.html"))
    html = (tmp_path / "page.html").read_text()
    assert ran.exit_code == 0
    assert str(tmp_path / "page.html") in found.replace("\n", "")
    assert html.startswith("<!doctype html>")
    assert html.count("<svg") == 2  # nothing failed in it: of failures there is no picture
    assert "no values" in html
    assert 'class="mark change"' in html


def test_without_metrics_nothing_is_read_from_cloudwatch(deployment, story, tmp_path):
    before = len(story.world.requests)
    said("incident", deployment, "--no-plots", "--html", str(tmp_path / "page.html"))
    assert "<svg" not in (tmp_path / "page.html").read_text()
    assert len(story.world.requests) == before


def test_as_json_all_that_the_ledger_holds_is_told(deployment):
    ran, found = said("incident", deployment, "--json")
    read = json.loads(found)
    assert ran.exit_code == 0
    assert read["incident"]["id"] == deployment
    assert read["verdict"] == "fixed"
    assert [t["case"]["stage"] for t in read["reports"]] == ["first", "final"]


def test_a_file_that_cannot_be_written_is_a_wrong_option(deployment, tmp_path):
    ran, found = said("incident", deployment, "--html", str(tmp_path / "nowhere" / "page.html"))
    assert ran.exit_code == 2
    assert "--html" in found


def test_an_incident_that_is_not_there_is_an_error_that_says_so(deployment):
    ran, _ = said("incident", "no-such")
    assert isinstance(ran.exception, NotFound)


# -- watch ---------------------------------------------------------------------------------------------------------------

OPEN = {
    "pk": "incident#i1",
    "opened_at": "2026-11-23T03:00:00.000Z",
    "state": "running",
    "level": "high",
    "runbook": "ecs_task_restarting",
    "resource": "arn:aws:ecs:ap-northeast-1:123456789012:service/a/b",
}
CLOSED = {**OPEN, "state": "closed", "verdict": "fixed"}


def watched(*looks, lines, language="en"):
    found, pauses = iter(looks), []
    console = Console(width=120, record=True, force_terminal=False, file=io.StringIO())
    incidents.watch(
        lambda: next(found), console, every_s=5, looks=len(looks), lines=lines, language=language, pause=pauses.append
    )
    return console.export_text(), pauses


def listed(records, language, width=80):
    console = Console(width=width, record=True, force_terminal=False, file=io.StringIO())
    console.print(incidents.as_table(records, language))
    return console.export_text()


def test_it_looks_again_after_a_pause_and_shows_how_they_stand():
    found, pauses = watched([OPEN], [CLOSED], lines=False)
    assert pauses == [5]
    assert "0 open, 1 newest" in found
    assert "FIXED" in found


def test_as_lines_only_what_is_new_or_has_changed_is_told():
    found, _ = watched([OPEN], [OPEN], [CLOSED, {**OPEN, "pk": "incident#i2"}], lines=True)
    assert [(json.loads(x)["incident"], json.loads(x)["state"]) for x in found.splitlines()] == [
        ("i1", "running"),
        ("i2", "running"),
        ("i1", "closed"),
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("1 incident, newest first", "medium", "Responses through", "FIXED", "Run more tasks")),
        ("ja", ("インシデント 1 件", "中", "ALB 経由の応答が遅い", "復旧", "タスクを増やす")),
    ],
)
def test_the_list_says_in_each_language_what_broke_how_it_stands_and_what_was_done(story, language, words):
    records = [r for r in story.records() if r["runbook"] == "alb_slow_response"]
    found = listed(records, language)
    assert [word for word in words if word not in found] == []
    assert str(records[0]["pk"]).removeprefix("incident#") in found


def test_an_open_question_names_its_plan_and_its_end():
    plan = {"title": {"en": "Raise memory", "ja": "メモリを増やす"}}
    asked = {"reference": "i1-12345678", "expires_at": "2999-11-23T04:02:18.000Z"}
    asking = {**OPEN, "state": "asking", "asked": json.dumps(asked), "plan": json.dumps(plan)}
    found = listed([asking], "en")
    assert "waits for a person" in found
    assert "Raise memory" in found
    assert "answer until 04:02" in found


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("text", ["[red]x[/] \x1b[31m", "\u202egnp.exe", "a" * 400])
def test_no_text_from_outside_is_markup_for_the_terminal_or_makes_the_list_wider(text, width):
    hostile = {**OPEN, "acknowledged_by": text, "runbook": text, "verdict": text, "state": "closed", "level": text}
    found = listed([hostile], "en", width)
    assert "\x1b" not in found
    assert "\u202e" not in found
    assert max(map(len, found.splitlines())) <= width
