"""The JSON of a report: the same keys and types for every report, texts by language, nothing but plain values."""

import json

import pytest

from remediator.core.model import Resource
from remediator.reports.blocks import PRIORITY, console_page
from remediator.reports.channels.json_report import SCHEMA, report_json
from tests.reports.reports import REPORTS

EACH = pytest.mark.parametrize("name", REPORTS)
KEYS = (
    "schema", "incident", "thread", "stage", "level", "status", "verdict", "runbook", "cause", "resource", "at", "opened_at",
    "zone", "told", "blocks", "left_out", "undo", "reference", "links",
)  # fmt: skip
ITEMS = {
    "statement": {"kind", "text"},
    "fact": {"kind", "label", "value", "source", "at"},
    "step": {"kind", "name", "before", "after"},
    "command": {"kind", "line", "lead", "brief"},
    "quote": {"kind", "line"},
}


@EACH
def test_every_report_has_the_same_keys_and_each_item_is_of_a_documented_kind(name):
    value = report_json(REPORTS[name])

    assert tuple(value) == KEYS
    assert value["schema"] == SCHEMA == "remediator.report/1"
    assert set(value["told"]) == {"status", "title", "summary", "action"}
    assert set(value["resource"]) == {"kind", "arn", "name", "region", "account"}
    for block in value["blocks"]:
        assert set(block) == {"part", "top", "title", "items"}
        assert block["part"] in PRIORITY
        assert all(set(item) == ITEMS[item["kind"]] for item in block["items"])


@EACH
def test_it_is_plain_json_whose_texts_are_in_the_languages_that_were_asked_for(name):
    both, english = report_json(REPORTS[name]), report_json(REPORTS[name], ("en",))

    assert json.loads(json.dumps(both)) == both
    assert set(both["told"]["title"]) == {"en", "ja"}
    assert english["told"]["title"] == {"en": both["told"]["title"]["en"]}
    assert '"ja"' not in json.dumps(english)


@pytest.mark.parametrize("name", ["out_of_memory_fixed", "approval_open"])
def test_it_reads_as_it_did_when_it_was_last_looked_at(name, snapshot):
    assert json.dumps(report_json(REPORTS[name]), ensure_ascii=False, indent=1) == snapshot


@pytest.mark.parametrize(
    ("arn", "linked"),
    [
        ("arn:aws:ecs:ap-northeast-1:123456789012:service/portfolio-cluster/portfolio-api-service", True),
        ("arn:aws:s3:::portfolio-static-website", True),
        ("arn:aws:ecs:r:1:service/a|b>", False),
        ("arn:aws:ecs:r:1:service/a b", False),
        ("arn:aws:ecs:r:1:service/x&next=https://evil.example", False),
        ("arn:aws:ecs:r:1:service/漢", False),
        ("arn:aws-cn:ecs:cn-north-1:123456789012:service/x", False),
        ("https://evil.example/arn:aws:ecs:r:1:service/x", False),
        ("arn:::::", False),
        ("", False),
    ],
)
def test_only_a_plain_arn_becomes_an_address(arn, linked):
    page = console_page(Resource("ecs_service", arn))

    assert page == (f"https://console.aws.amazon.com/go/view?arn={arn}" if linked else "")
