"""Every event of the corpus: what is no incident starts nothing, what is one gives one signal."""

import json

import pytest

from remediator.core.model import Ignored, Notice, Signal
from remediator.core.serialization import canonical
from remediator.events import parse, parse_body
from remediator.events.alarms import Composite
from remediator.resources.dynamodb.delete_refusals import refusal

from ..corpus import EVENTS, event, expected, files


def test_the_readme_lists_exactly_the_files_that_are_there() -> None:
    assert set(expected()) == {path.name for path in EVENTS.glob("*.json")}


@pytest.mark.parametrize("file", files("ignore"))
def test_what_is_no_incident_is_ignored_with_a_reason(file: str) -> None:
    parsed = parse(event(file))
    assert len(parsed) == 1
    assert isinstance(parsed[0], Ignored)
    assert parsed[0].reason


@pytest.mark.parametrize("file", files("ecs_task_restarting."))
def test_a_task_of_a_restarting_service_gives_one_signal(file: str) -> None:
    (signal,) = parse(event(file))
    assert isinstance(signal, Signal)
    assert signal.kind == "ecs_task_stopped"
    row = expected()[file].split(".")[1]
    assert signal.facts["meaning"] == {"health_check_failing": "health_check"}.get(row, row)


@pytest.mark.parametrize("file", files("dynamodb_table_undeletable."))
def test_a_deletion_that_dynamodb_refused_gives_a_signal_whose_words_name_the_row(file: str) -> None:
    (signal,) = parse(event(file))
    assert isinstance(signal, Signal)
    assert signal.kind == "table_delete_refused"
    assert signal.resource.arn == "arn:aws:dynamodb:us-west-2:111122223333:table/Music"
    assert signal.level in ("low", "medium")
    means = refusal(signal.facts["error_code"], signal.facts["said"])
    assert means is not None
    assert f"dynamodb_table_undeletable.{means.row}" == expected()[file]


@pytest.mark.parametrize("file", files("ecs_task_not_starting.", "alarm"))
def test_every_other_incident_gives_one_signal(file: str) -> None:
    (signal,) = parse(event(file))
    assert isinstance(signal, Signal)


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("ecs_task_unknown_stopcode_no_exitcode.json", "ecs_task_stopped"),
        ("ecs_service_task_start_impaired_real.json", "ecs_service_action"),
        ("own_ecs_deployment_failed.json", "ecs_deployment_failed"),
    ],
)
def test_an_incident_without_a_cause_in_the_event_is_a_signal_all_the_same(file: str, kind: str) -> None:
    (signal,) = parse(event(file))
    assert isinstance(signal, Signal)
    assert signal.kind == kind


@pytest.mark.parametrize("file", ["alarm_metrics_insights_partial_data_awsdoc.json", *files("told")])
def test_what_no_runbook_can_look_into_is_told_to_people_in_both_languages(file: str) -> None:
    (notice,) = parse(event(file))
    assert isinstance(notice, Notice)
    assert notice.about in notice.text.en
    assert notice.about in notice.text.ja
    assert notice.text.en != notice.text.ja


@pytest.mark.parametrize("file", files("composite"))
def test_a_composite_alarm_names_its_children_in_alarm(file: str) -> None:
    (composite,) = parse(event(file))
    assert composite == Composite(
        name="portfolio-down",
        alarm_arn="arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:portfolio-down",
        children=("arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:api-target-5xx",),
        level="medium",
        at="2026-11-23T03:15:02.702Z",
    )


@pytest.mark.parametrize("file", files())
def test_the_body_of_a_queue_message_reads_as_the_event_itself(file: str) -> None:
    assert parse_body(json.dumps(event(file))) == parse(event(file))


@pytest.mark.parametrize("file", files())
def test_a_record_of_a_queue_or_a_topic_reads_as_the_event_itself(file: str) -> None:
    body = json.dumps(event(file))
    once = parse(event(file))
    assert parse({"Records": [{"body": body}, {"body": body}]}) == (*once, *once)
    assert parse({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": body}}]}) == once
    assert parse_body(json.dumps({"Type": "Notification", "Message": body})) == once


@pytest.mark.parametrize("file", files("ecs_", "dynamodb_", "alarm", "unknown"))
def test_what_is_parsed_is_plain_json(file: str) -> None:
    for parsed in parse(event(file)):
        assert json.loads(canonical(parsed))


def test_the_same_event_told_twice_has_one_key() -> None:
    for file in files("ecs_", "dynamodb_", "alarm"):
        first, again = event(file), event(file)
        if "detail-type" in again:
            again |= {"id": "another-id", "time": "2030-01-01T00:00:00Z"}
        assert [s.key for s in parse(first)] == [s.key for s in parse(again)]


def test_two_happenings_never_share_a_key() -> None:
    found = {
        parse(event(file))[0].key for file in files("ecs_task_restarting.") if file.startswith("own_ecs_task_serv")
    }
    assert len(found) == 3


@pytest.mark.parametrize("alarm", ["target_5xx", "contributor"])
def test_one_change_of_state_has_one_key_whichever_way_it_comes(alarm: str) -> None:
    ways = [file for file in files("alarm") if file.startswith(f"own_alarm_{alarm}_")]
    assert len(ways) >= 3
    found = [parse(event(file)) for file in ways]
    assert all(way == found[0] for way in found)
