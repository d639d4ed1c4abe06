"""What is counted of a run: lines on standard output, once where a step is really done."""

import io
import json
import logging
import re
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from remediator.aws.emf import LOGGER
from remediator.core.plan import Change
from remediator.core.text import same
from remediator.core.timestamps import after
from remediator.gates.answers import Ask, Permit, Refusal
from remediator.incidents import metrics
from remediator.incidents.metrics import (
    DURATIONS,
    GATE_ANSWERS,
    NAMESPACE,
    Metric,
    Point,
    gate_points,
    lasted,
    line_of,
)
from sandbox.laptop import Laptop
from sandbox.scenarios import by_name
from tests import samples
from tests.made_once import made_once

OPERATING = (Path(__file__).parents[2] / "docs" / "operating.md").read_text("utf-8")


@pytest.fixture
def counted(tmp_path_factory):
    """Gives what was counted in a story: metric and dimensions to a number."""

    def of(story):
        return made_once(tmp_path_factory, f"counted-{story}", lambda: _counted(story))

    return of


def _counted(story):
    with redirect_stdout(io.StringIO()) as out, Laptop() as laptop:
        LOGGER.setLevel(logging.INFO)
        by_name(story).play(laptop)
    found = Counter()
    for line in out.getvalue().splitlines():
        told = json.loads(line)
        (one,) = told["_aws"]["CloudWatchMetrics"]
        (dimensions,), (metric,) = one["Dimensions"], one["Metrics"]
        found[metric["Name"], *(told[d] for d in dimensions)] += told[metric["Name"]]
    return found


def test_a_fix_is_counted_once_in_each_metric_however_often_its_execution_was_replayed(counted):
    found = counted("too-little-capacity")
    assert found["Incidents", "dynamodb_throttling"] == 1
    assert found["Changes", "dynamodb_throttling", "fix"] == 1
    assert found["Verdicts", "dynamodb_throttling", "fixed"] == 1
    assert found["GateAnswers", "change_limits", "permit"] == 1
    assert not any(name == "ReportsFailed" for name, *_ in found)


def test_a_refusal_is_counted_by_its_gate(counted):
    found = counted("hot-key-among-others")
    asked = [key for key in found if key[:1] == ("GateAnswers",) and key[2] == "ask"]
    assert asked
    assert found["Verdicts", "dynamodb_throttling", "not_fixed"] == 1


def test_what_a_sweep_found_is_counted_by_what_became_of_it(counted):
    found = counted("alarm-event-lost")
    assert found["SweptAlarms", "new"] == 1


def test_how_long_an_incident_took_is_told_in_seconds(counted):
    found = counted("too-little-capacity")
    assert 0 <= found["Durations", "first_report"] <= found["Durations", "change"]
    assert found["Durations", "change"] < found["Durations", "recovery"] <= 3600


def test_an_incident_that_nothing_was_done_about_has_no_time_until_its_change(counted):
    found = counted("hot-key-among-others")
    assert found["Durations", "first_report"] >= 0
    assert ("Durations", "change") not in found


def test_requests_to_aws_are_counted_by_service(counted):
    found = counted("too-little-capacity")
    assert found["ApiCalls", "dynamodb"] > 10
    assert found["ApiCalls", "sns"] >= 2
    assert found["ApiCalls", "cloudwatch"] >= 1


def test_only_what_came_as_an_event_has_times():
    undo = samples.incident(origin="undo")
    change = Change(plan=samples.plan(), applied_at=after(samples.NOW, 60))
    assert lasted(undo, (), change) == ()
    assert lasted(samples.incident(), (), change) == (Point(DURATIONS, ("change",), 60.0),)


def test_a_duration_is_written_with_its_unit():
    line = line_of(Point(DURATIONS, ("recovery",), 12.5), 0)
    (found,) = line["_aws"]["CloudWatchMetrics"]
    assert found["Metrics"] == [{"Name": "Durations", "Unit": "Seconds"}]
    assert line["Durations"] == 12.5


@pytest.mark.parametrize(
    ("answer", "word"),
    [(Permit("plan"), "permit"), (Ask("plan", same("x")), "ask"), (Refusal("plan", same("x")), "refusal")],
)
def test_each_answer_of_a_gate_has_its_word(answer, word):
    assert gate_points([answer]) == (Point(GATE_ANSWERS, ("plan", word)),)


def test_a_gate_that_checks_several_things_is_counted_once_by_its_strictest_answer():
    answers = (Permit("change_limits", part="cooldown"), Refusal("change_limits", same("x")), Permit("plan"))
    assert gate_points(answers) == (
        Point(GATE_ANSWERS, ("change_limits", "refusal")),
        Point(GATE_ANSWERS, ("plan", "permit")),
    )


def test_a_line_is_in_the_embedded_metric_format():
    line = line_of(Point(GATE_ANSWERS, ("change_limits", "permit")), 1_795_402_860_000)
    assert line == {
        "_aws": {
            "Timestamp": 1_795_402_860_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Gate", "Answer"]],
                    "Metrics": [{"Name": "GateAnswers", "Unit": "Count"}],
                }
            ],
        },
        "Gate": "change_limits",
        "Answer": "permit",
        "GateAnswers": 1,
    }


def test_a_point_without_its_dimensions_is_refused():
    with pytest.raises(ValueError, match="zip"):
        line_of(Point(GATE_ANSWERS, ("change_limits",)), 0)


def test_every_metric_is_named_in_the_documents_with_its_dimensions_and_no_other():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", OPERATING.split("## Metrics")[1].split("\n## ")[0], re.MULTILINE)
    assert {(name, tuple(re.findall(r"`(\w+)`", d))) for name, d in rows} == {
        (m.name, m.dimensions) for m in vars(metrics).values() if isinstance(m, Metric)
    }
