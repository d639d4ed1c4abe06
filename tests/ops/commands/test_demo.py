import io
import json

import pytest
from rich.console import Console

from ops.commands.demo import ONE_TROUBLE, SHOWN_IN_FULL, list_scenarios, play, run_demo, tour
from ops.guide.rows import CAUSES
from remediator.core.text import same
from sandbox.scenarios import COUNTS, Ending, Scenario, by_name, load_all


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=160)


def _said(console):
    return console.file.getvalue()


def test_it_tells_cause_action_and_verdict_and_two_reports_in_full(console):
    assert run_demo(["out-of-memory", "heals-by-itself"], console) == 0
    said = _said(console)
    assert "ecs_task_restarting.out_of_memory, raise_memory, fixed" in said
    assert said.count("Subject: ") == 2
    assert "aws ecs update-service" in said
    assert "2 of 2 scenarios ended as they must" in said


def test_in_japanese_it_tells_the_same_around_the_same_ids(console):
    assert run_demo(["out-of-memory", "scale-in"], console, "ja") == 0
    said = _said(console)
    assert "ecs_task_restarting.out_of_memory, raise_memory, fixed" in said
    assert "インシデントなし" in said
    assert "2 件中 2 件のシナリオが想定どおりに終了しました" in said


def test_the_table_breaks_no_id_on_80_columns():
    console = Console(file=io.StringIO(), width=80)
    names = ["delete-protected-while-index-creates", "over-before-approval"]
    run_demo(names, console)
    table = _said(console).split("What happened")[1].split()
    assert {*names, *(by_name(n).expected.cause for n in names), "recovered_without_us"} <= set(table)


def test_the_tour_tells_of_each_problem_and_of_one_trouble_with_several_alarms():
    names = {s.name for s in tour()}
    found = {(s.expected.cause or "").split(".")[0] for s in tour()}
    assert {row.split(".")[0] for row in CAUSES} <= found
    assert {*SHOWN_IN_FULL, ONE_TROUBLE} <= names
    assert len(names) < 20


def test_an_unknown_name_is_told_with_the_known_ones_and_exits_with_2(console):
    assert run_demo(["no-such-story"], console) == 2
    assert "out-of-memory" in _said(console)


def test_a_story_that_ends_otherwise_is_named_and_exits_with_1(console, monkeypatch):
    story = by_name("scale-in")
    wrong = Scenario(
        name="wrong",
        title=same("wrong"),
        shows=same("wrong"),
        begin=story.begin,
        lasts_s=story.lasts_s,
        expected=Ending(cause="ecs_task_restarting.out_of_memory", action="raise_memory", verdict="fixed"),
    )
    monkeypatch.setattr("ops.commands.demo.load_all", lambda: (wrong,))
    assert run_demo([], console) == 1
    assert "wrong: cause: expected 'ecs_task_restarting.out_of_memory', got None" in _said(console)


def test_a_story_that_breaks_is_told_and_not_hidden():
    def stand_still(world):
        del world

    story = Scenario(name="still", title=same("s"), shows=same("s"), begin=stand_still, expected=Ending())
    played = play(story)
    assert not played.as_expected
    assert "TimeoutError" in played.broke


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_list_names_every_story(console, language):
    list_scenarios(console, language)
    assert all(s.name in _said(console) for s in load_all())


def test_for_programs_it_prints_nothing_but_json(capsys):
    assert run_demo(["heals-by-itself"], Console(width=200), as_json=True) == 0
    [story] = json.loads(capsys.readouterr().out)
    assert (story["scenario"], story["as_expected"]) == ("heals-by-itself", True)
    assert story["ended"] == {**story["expected"], **{n: story["ended"][n] for n in COUNTS}}
