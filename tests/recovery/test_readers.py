"""Readers of a recovery's own verification: errors in the log since, and one item that is counted and never read."""

import ast
import inspect
from textwrap import dedent

import pytest

from remediator.core.errors import Denied, NotFound
from remediator.core.model import Resource
from remediator.core.ports import Scope
from remediator.core.settings import Settings
from remediator.problems import load_all
from remediator.recovery import readers as recovery
from remediator.recovery.runbook import BOUND
from remediator.resources.ecs.model import ContainerSpec
from tests.fakes import FakeAws
from tests.problems.dynamodb_throttling.samples import TABLE_ARN
from tests.problems.ecs_task_restarting.samples import definition
from tests.samples import NOW, incident

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings(), window_s=300)
TABLE = Scope(incident=incident(resource=Resource("table", TABLE_ARN)), now=NOW, settings=Settings())
NOW_MS = 1_795_402_800_000


def said(*lines: str) -> dict[str, object]:
    return {"events": [{"timestamp": NOW_MS - 1000 * n, "message": line} for n, line in enumerate(lines)]}


def test_the_newest_error_since_is_told_redacted() -> None:
    aws = FakeAws({"logs:FilterLogEvents": said("ERROR login password=hunter2 failed", "ERROR older")})
    read = recovery.logged_errors(aws, SCOPE, definition())
    assert (read.count, read.last_at, read.groups) == (2, NOW, ("/aws/ecs/portfolio-api",))
    assert "hunter2" not in read.last
    asked = aws.calls[0][1]
    assert asked["endTime"] - asked["startTime"] == 300_000
    assert asked["limit"] == recovery.LINES_READ


def test_a_line_that_only_names_an_error_in_passing_is_none() -> None:
    aws = FakeAws({"logs:FilterLogEvents": said("INFO TERRORFREE release 7")})
    assert recovery.logged_errors(aws, SCOPE, definition()).count == 0


def test_containers_that_log_elsewhere_have_no_error_and_no_call_is_made() -> None:
    aws = FakeAws({})
    elsewhere = definition(containers=(ContainerSpec(name="api"),))
    assert recovery.logged_errors(aws, SCOPE, elsewhere).groups == ()
    assert aws.calls == []


def test_one_item_is_counted_and_none_is_read() -> None:
    aws = FakeAws({"dynamodb:Scan": {"Count": 1, "ScannedCount": 1}})
    assert recovery.counted(aws, TABLE).count == 1
    assert aws.calls == [("dynamodb:Scan", {"TableName": "portfolio-users", "Limit": 1, "Select": "COUNT"})]


def test_a_scan_that_is_denied_is_a_gap_and_no_pass() -> None:
    with pytest.raises(Denied):
        recovery.counted(FakeAws({"dynamodb:Scan": Denied("dynamodb:Scan", "no")}), TABLE)


def test_what_is_no_table_is_not_scanned() -> None:
    with pytest.raises(NotFound, match="no table"):
        recovery.counted(FakeAws({}), SCOPE)


def test_the_only_reader_of_items_has_its_bounds_as_literals() -> None:
    calls = [n for n in ast.walk(ast.parse(dedent(inspect.getsource(recovery.counted.run)))) if isinstance(n, ast.Call)]
    scans = [
        c for c in calls if isinstance(c.func, ast.Attribute) and getattr(c.args[0], "value", "") == "dynamodb:Scan"
    ]
    given = {k.arg: k.value.value for c in scans for k in c.keywords if isinstance(k.value, ast.Constant)}
    assert len(scans) == 1
    assert given == {"Limit": 1, "Select": "COUNT"}
    every = [p.action for reads in (*BOUND, *load_all()) for p in reads.reads()]
    assert not {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchGetItem"} & set(every)
    assert [p.action for r in load_all() for p in r.reads() if p.action == "dynamodb:Scan"] == []
