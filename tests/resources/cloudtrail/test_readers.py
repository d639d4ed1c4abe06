"""CloudTrail's history: one window for everyone, bounded, and a gap where CloudTrail refuses."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from remediator.aws.runtime import Clients
from remediator.core.errors import Denied, Retryable
from remediator.core.evidence import Reading, reading
from remediator.core.ports import GLOBAL_REGION, Scope
from remediator.core.serialization import canonical
from remediator.core.settings import Settings, Workload
from remediator.ledger.shared_readings import CLAIM_S, FAILED_S, FRESH_S, Shared
from remediator.ledger.table import Table
from remediator.remediation.gather import gather
from remediator.resources.cloudtrail import readers
from remediator.resources.cloudtrail.history import BEFORE_S, History
from tests.fakes import FakeAws
from tests.samples import NOW, SERVICE, SERVICE_ARN, incident

WORKLOAD = Workload(name="portfolio", cluster="portfolio-cluster", service="portfolio-api-service", tables=("users",))
SCOPE = Scope(incident=incident(), now=NOW, settings=Settings(), workload=WORKLOAD)
STARTED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def listed(n=0, name="UpdateService", **record):
    values = {
        "eventTime": f"2026-11-23T02:{n % 60:02d}:00Z",
        "eventName": name,
        "eventSource": "ecs.amazonaws.com",
        "eventID": f"id-{name}-{n}",
        "readOnly": False,
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/deploy/GitHubActions"},
        "requestParameters": {"service": "portfolio-api-service"},
        **record,
    }
    return {
        "EventId": values["eventID"],
        "EventName": name,
        "EventTime": datetime(2026, 11, 23, 2, n % 60, tzinfo=UTC),
        "CloudTrailEvent": json.dumps(values),
    }


class Trail:
    """LookupEvents over pages of events; after `refuses_after` answers it throttles."""

    def __init__(self, *pages, refuses_after=1000):
        self.pages = pages or ([],)
        self.asked = []
        self.refuses_after = refuses_after

    def __call__(self, **asked):
        if len(self.asked) >= self.refuses_after:
            return Retryable("cloudtrail:LookupEvents: ThrottlingException: Rate exceeded")
        self.asked.append(asked)
        page = int(asked.get("NextToken", 0))
        if asked["LookupAttributes"][0]["AttributeKey"] == "ResourceName":
            return {"Events": [listed(59, "DeleteService")]}
        more = {"NextToken": str(page + 1)} if page + 1 < len(self.pages) else {}
        return {"Events": self.pages[page], **more}


def aws_with(trail):
    return FakeAws({"cloudtrail:LookupEvents": trail})


def test_a_quiet_hour_costs_one_request_for_all_writes_of_the_window():
    trail = Trail([listed(5), listed(50)])
    history = readers.history(aws_with(trail), SCOPE)
    assert [e.at[14:16] for e in history.events] == ["50", "05"]
    assert history.complete
    (asked,) = trail.asked
    assert asked["LookupAttributes"] == [{"AttributeKey": "ReadOnly", "AttributeValue": "false"}]
    assert (STARTED - asked["StartTime"]).total_seconds() == BEFORE_S
    assert asked["EndTime"] == STARTED


def test_what_concerns_nobody_here_is_left_out():
    other = listed(7, requestParameters={"service": "another"})
    assert readers.history(aws_with(Trail([other])), SCOPE).events == ()


def test_paging_is_bounded_and_then_the_resources_own_calls_are_looked_up_by_name_and_arn():
    trail = Trail(*([listed(n) for n in range(50)] for _ in range(40)))
    history = readers.history(aws_with(trail), SCOPE)
    assert len(trail.asked) == readers.PAGES + 2
    assert [a["LookupAttributes"][0]["AttributeValue"] for a in trail.asked[-2:]] == [SERVICE.name, SERVICE_ARN]
    assert "DeleteService" in {e.name for e in history.events}
    assert not history.complete
    assert history.cut


def test_what_an_incident_keeps_is_bounded_in_bytes():
    wordy = [
        listed(n, errorCode="X", errorMessage="w " * 200, requestParameters={f"p{i}": "v" * 190 for i in range(12)})
        for n in range(50)
    ]
    history = readers.history(aws_with(Trail(wordy)), SCOPE)
    assert 0 < len(history.events) < 40
    assert len(canonical(history)) < readers.EVIDENCE_BYTES + 1000
    assert not history.complete


def test_long_records_end_the_reading(monkeypatch):
    monkeypatch.setattr(readers, "READ_CHARS", 1000)
    trail = Trail(*([listed(n) for n in range(50)] for _ in range(5)))
    readers.history(aws_with(trail), SCOPE)
    assert len([a for a in trail.asked if a["LookupAttributes"][0]["AttributeKey"] == "ReadOnly"]) == 1


def test_a_later_page_that_is_refused_leaves_what_was_read():
    trail = Trail([listed(5)], [listed(6)], refuses_after=1)
    history = readers.history(aws_with(trail), SCOPE)
    assert len(history.events) == 1
    assert not history.complete
    assert "refused" in history.cut


def test_services_without_a_region_are_asked_for_in_their_own_window():
    assert {p.region for p in readers.global_history.permissions} == {GLOBAL_REGION}
    aws = aws_with(Trail([listed(5)]))
    readers.history(aws, SCOPE)
    readers.global_history(aws, SCOPE)
    assert len(aws.calls) == 2


def test_reads_that_were_refused_at_a_start_are_found_by_their_names():
    refused = listed(5, "GetSecretValue", errorCode="AccessDeniedException", readOnly=True)
    trail = Trail([refused, listed(6, "GetSecretValue", readOnly=True)])
    history = readers.refused_reads(aws_with(trail), SCOPE)
    assert {e.error_code for e in history.events} == {"AccessDeniedException"}
    assert len(trail.asked) == len(readers.START_READS)


def test_incidents_of_one_workload_share_a_window_and_one_from_before_it_says_so():
    trail = Trail([listed(5)])
    aws = aws_with(trail)
    readers.history(aws, SCOPE)
    earlier = replace(SCOPE, incident=incident(opened_at="2026-11-23T02:40:00.000Z"))
    history = readers.history(aws, earlier)
    assert len(trail.asked) == 1
    assert not history.complete
    alone = replace(SCOPE, workload=None)
    readers.history(aws, alone)
    assert len(trail.asked) == 2


# -- the shared reading itself ---------------------------------------------------------------------------------------


class Clock:
    def __init__(self):
        self.at = STARTED

    def __call__(self):
        return self.at

    def later(self, seconds):
        self.at += timedelta(seconds=seconds)


class Source:
    def __init__(self, found=None):
        self.told = found or {"a": 1}
        self.times = 0

    def __call__(self):
        self.times += 1
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def processes(runtime, clock):
    """Two Lambda processes: each has its own clients and memory, both have the one ledger."""
    return [replace(runtime, clients=Clients(), now=clock) for _ in range(2)]


def no_wait(_):
    raise AssertionError("nobody is reading: there is nothing to wait for")


def test_two_processes_read_once(processes):
    source = Source()
    assert [Shared(p, no_wait).of("k", source) for p in processes] == [{"a": 1}, {"a": 1}]
    assert source.times == 1


def test_one_process_reads_once_and_asks_the_ledger_once(processes, monkeypatch):
    source, first = Source(), processes[0]
    Shared(first, no_wait).of("k", source)
    monkeypatch.setattr(Table, "update", None)
    assert Shared(first, no_wait).of("k", source) == {"a": 1}


def test_after_five_minutes_it_is_read_anew(processes, clock):
    source = Source()
    Shared(processes[0], no_wait).of("k", source)
    clock.later(FRESH_S + 1)
    Shared(processes[1], no_wait).of("k", source)
    Shared(processes[0], no_wait).of("k", source)
    assert source.times == 2


def test_another_key_is_another_reading(processes):
    source = Source()
    Shared(processes[0], no_wait).of("k", source)
    Shared(processes[0], no_wait).of("other", source)
    assert source.times == 2


def test_who_comes_while_another_reads_waits_for_what_it_stores(processes):
    first, second = (Shared(p) for p in processes)
    waited = []

    def read_by_first():
        held = Source({"a": 2})
        second_told.append(Shared(processes[1], finish).of("k", held))
        assert held.times == 0
        return {"a": 1}

    def finish(seconds):
        waited.append(seconds)
        first._store(Table(processes[0]), "shared#k", claimed_by(processes[0]), FRESH_S, "held_value", '{"a": 1}')

    second_told = []
    assert first.of("k", read_by_first) == {"a": 1}
    assert second_told == [{"a": 1}]
    assert len(waited) == 1
    assert second.of("k", Source({"a": 3})) == {"a": 1}


def claimed_by(process):
    return Table(process).get("shared#k")["claimed_by"]


def test_who_waits_in_vain_has_a_gap_that_says_why(processes):
    def read_by_first():
        with pytest.raises(Retryable, match="another execution is reading"):
            Shared(processes[1], lambda _: None).of("k", Source())
        return {"a": 1}

    Shared(processes[0], no_wait).of("k", read_by_first)


def test_a_claim_of_a_process_that_died_is_taken_over(processes, clock):
    def dies():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Shared(processes[0], no_wait).of("k", dies)
    clock.later(CLAIM_S + 1)
    assert Shared(processes[1], no_wait).of("k", Source()) == {"a": 1}


@pytest.mark.parametrize("error", [Retryable("Rate exceeded"), Denied("cloudtrail:LookupEvents", "no")])
def test_a_failed_reading_is_shared_for_a_minute_too(processes, clock, error):
    source = Source(error)
    with pytest.raises(type(error)):
        Shared(processes[0], no_wait).of("k", source)
    with pytest.raises(Retryable, match=str(error)):
        Shared(processes[1], no_wait).of("k", source)
    assert source.times == 1
    clock.later(FAILED_S + 1)
    assert Shared(processes[1], no_wait).of("k", Source()) == {"a": 1}


def test_what_is_stored_goes_away_by_itself(processes):
    Shared(processes[0], no_wait).of("k", Source())
    assert Table(processes[0]).get("shared#k")["purge_at"] > STARTED.timestamp()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    history: Reading[History] = reading(readers.history)


class Throttled:
    def __call__(self, service, region=""):
        return self if service == "cloudtrail" else self.real(service, region)

    def lookup_events(self, **_):
        raise Retryable("cloudtrail:LookupEvents: ThrottlingException: Rate exceeded")


def test_a_throttled_history_is_a_gap_and_never_an_error(runtime):
    clients = Throttled()
    clients.real = Clients()
    e = gather(replace(runtime, clients=clients), Evidence, SCOPE)
    assert "Rate exceeded" in e.history.gap
