from dataclasses import dataclass
from threading import Event

import pytest

from remediator.core.errors import Denied, NotFound, Retryable, Undeclared
from remediator.core.evidence import Reading, Unchecked, levels, reading
from remediator.core.ports import Permission, Scope, reads
from remediator.core.settings import Settings
from remediator.remediation.gather import gather
from tests.samples import NOW, incident

SCOPE = Scope(incident=incident(), now=NOW, settings=Settings())


@reads(Permission("ecs:DescribeServices"))
def good(aws, scope):
    return 5


@reads(Permission("ecs:ListTasks"))
def doubled(aws, scope, good):
    return 2 * good


twice = doubled  # a field of the same name hides the reader


@reads(Permission("logs:GetLogEvents"))
def denied(aws, scope):
    raise Denied("logs:GetLogEvents", "not authorised")


@reads(Permission("ecs:DescribeTasks"))
def half_an_answer(aws, scope):
    return {}["tasks"]


@reads(Permission("ecs:DescribeTasks"))
def throttled(aws, scope):
    raise Retryable("ecs:DescribeTasks: ThrottlingException")


@reads(Permission("ecs:DescribeTasks"))
def gone(aws, scope):
    raise NotFound("no service")


@reads(Permission("ecs:DescribeTasks"))
def undeclared(aws, scope):
    return aws.call("ecs:UpdateService", service="s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    good: Reading[int] = reading(good)
    doubled: Reading[int] = reading(doubled, after=("good",))
    denied: Reading[int] = reading(denied)
    half: Reading[int] = reading(half_an_answer)
    throttled: Reading[int] = reading(throttled)
    gone: Reading[int] = reading(gone)
    needs_denied: Reading[int] = reading(twice, after=("denied",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    one: Reading[int] = reading(undeclared)


def test_what_can_be_read_is_read_with_its_source_and_time(runtime):
    e = gather(runtime, Evidence, SCOPE)
    assert e.good.get() == 5
    assert e.doubled.get() == 10
    assert (e.good.source, e.good.read_at) == ("ecs:DescribeServices", "2026-11-23T03:00:00.000Z")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("denied", "logs:GetLogEvents is not allowed"),
        ("half", "an answer that is not whole"),
        ("throttled", "Throttling"),
        ("gone", "no service"),
        ("needs_denied", "needs what could not be read"),
    ],
)
def test_a_failed_read_is_a_named_gap_and_the_others_go_on(runtime, name, why):
    reading_of = getattr(gather(runtime, Evidence, SCOPE), name)
    assert why in reading_of.gap
    assert reading_of.or_none() is None
    with pytest.raises(Unchecked):
        reading_of.get()


def test_an_undeclared_call_is_a_defect_not_a_gap(runtime):
    with pytest.raises(Undeclared):
        gather(runtime, Broken, SCOPE)


def test_only_what_is_asked_for_is_read_anew(runtime):
    known = Evidence(good=Reading(value=1), doubled=Reading(value=2), denied=Reading(value=3))
    e = gather(runtime, Evidence, SCOPE, known=known, only=frozenset({"good"}))
    assert (e.good.get(), e.doubled.get(), e.denied.get()) == (5, 2, 3)


def test_readings_of_one_level_come_before_those_that_need_them():
    assert [sorted(d.name for d in level) for level in levels(Evidence)][1] == ["doubled", "needs_denied"]


followed = Event()


@reads(Permission("ecs:DescribeServices"))
def until_followed(aws, scope):
    return followed.wait(timeout=5)


@reads(Permission("ecs:ListTasks"))
def follower(aws, scope, good):
    followed.set()
    return good


@dataclass(frozen=True, slots=True, kw_only=True)
class Flowing:
    slow: Reading[bool] = reading(until_followed)
    good: Reading[int] = reading(good)
    follower: Reading[int] = reading(follower, after=("good",))
    last: Reading[int] = reading(doubled, after=("follower",))


def test_a_reading_waits_for_what_it_needs_and_for_nothing_else(runtime):
    followed.clear()
    e = gather(runtime, Flowing, SCOPE)
    assert e.slow.get() is True
    assert e.last.get() == 10


def test_fields_that_wait_for_each_other_are_refused():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Circle:
        a: Reading[int] = reading(doubled, after=("b",))
        b: Reading[int] = reading(doubled, after=("a",))

    with pytest.raises(ValueError, match="wait for each other"):
        levels(Circle)


LET_GO = Event()


@reads(Permission("ecs:DescribeTasks"))
def never_answers(aws, scope):
    LET_GO.wait(30)
    return 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    late: Reading[int] = reading(never_answers)
    needs_late: Reading[int] = reading(doubled, after=("late",))


def test_what_is_not_read_by_the_deadline_is_a_gap_and_so_is_what_needs_it(runtime):
    try:
        e = gather(runtime, Slow, SCOPE, within_s=0.0)
    finally:
        LET_GO.set()
    assert e.late.gap == "not read within 0 s"
    assert e.needs_late.value is None
