"""The digest: the same message counts together, first and last time are told, and nothing secret is kept."""

import pytest

from remediator.core.serialization import from_json, to_json
from remediator.resources.logs.digest import SHAPE_CHARS, SHAPES_KEPT, TRACE_LINES, LogDigest, digest, shape
from remediator.resources.logs.records import LogEvent

MOMENT_MS = 1_795_000_000_000  # 2026-11-18T11:06:40Z
TRACE = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'


def told(*events, **more):
    read = [LogEvent(MOMENT_MS + ms, stream, text) for ms, stream, text in events]
    return digest(read, group="/g", since="s", until="u", **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ERROR user 17 not found", "ERROR user 4711 not found"),
        ("ERROR took 1.5 ms", "ERROR took 220.75 ms"),
        ("2026-11-23 03:00:00,123 ERROR boom", "2026-11-24T13:10:59.9Z ERROR boom"),
        ("ERROR id 8f14e45f-ceea-467f-a8d1-91de01d00001", "ERROR id 00000000-0000-4000-8000-000000000000"),
        ("ERROR connect 10.0.1.2:5432 refused", "ERROR connect 192.168.100.7:33 refused"),
        ("ERROR no key 'alice'", "ERROR no key 'bob smith'"),
        ('ERROR no key "alice"', 'ERROR no key ""'),
        ("ERROR at 0xc000a1", "ERROR at 0xdeadbeef00"),
        ("ERROR commit 9f8e7d6c5b4a failed", "ERROR commit 0123456789abcdef failed"),
        ("ERROR to ann@example.com", "ERROR to bob.b@mail.example.co.jp"),
        ("ERROR GET /users?id=1", "ERROR GET /users?name=x&y=2"),
        ("ERROR worker-12 died", "ERROR worker-7 died".replace("7", "99")),
    ],
)
def test_what_varies_does_not_make_another_shape(one, other):
    assert shape(one) == shape(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ERROR cannot read users", "ERROR cannot write users"),
        ("KeyError: missing", "ValueError: missing"),
        ("ERROR GET /users failed", "ERROR GET /orders failed"),
    ],
)
def test_another_message_is_another_shape(one, other):
    assert shape(one) != shape(other)


def test_a_shape_is_bounded_and_one_line():
    assert len(shape("word " * 10_000)) <= SHAPE_CHARS
    assert "\n" not in shape("a\nb")


def test_errors_are_counted_by_shape_with_their_first_and_last_time():
    read = told(
        (0, "a", "ERROR user 1 not found"),
        (1000, "b", "INFO fine"),
        (2000, "b", "ERROR user 2 not found"),
        (3000, "a", "ERROR no room"),
        (9000, "a", "ERROR user 3 not found"),
    )
    assert (read.events, read.errors) == (5, 4)
    assert (read.first_at, read.last_at) == ("2026-11-18T11:06:40.000Z", "2026-11-18T11:06:49.000Z")
    assert [(s.count, s.shape, s.sample) for s in read.shapes] == [
        (3, "ERROR user <n> not found", "ERROR user 1 not found"),
        (1, "ERROR no room", "ERROR no room"),
    ]
    assert read.shapes[0].last_at == read.last_at
    assert read.complete


def test_the_most_frequent_are_kept_and_the_others_counted():
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    read = told(*((n, "a", f"ERROR {w}") for w in words for n in range(len(w))))
    assert len(read.shapes) == SHAPES_KEPT
    assert read.more_shapes == len(words) - SHAPES_KEPT
    assert [s.count for s in read.shapes] == sorted((s.count for s in read.shapes), reverse=True)


def test_the_stopped_tasks_trace_goes_before_an_earlier_one_of_another_stream():
    events = (0, "other", TRACE + "KeyError: other"), (5000, "stopped", TRACE + "KeyError: own")
    assert told(*events).trace[-1] == "KeyError: other"
    read = told(*events, first_stream="stopped")
    assert (read.trace[-1], read.trace_stream, read.trace_at) == (
        "KeyError: own",
        "stopped",
        "2026-11-18T11:06:45.000Z",
    )


def test_a_long_trace_keeps_where_it_begins_and_the_error_that_ends_it():
    long = (
        "Traceback (most recent call last):\n" + '  File "a.py", line 1, in f\n    g()\n' * 80 + "RecursionError: deep"
    )
    trace = told((0, "a", long)).trace
    assert len(trace) == TRACE_LINES
    assert (trace[0], trace[-1]) == ("Traceback (most recent call last):", "RecursionError: deep")
    assert any("lines left out" in line for line in trace)


@pytest.mark.parametrize(
    "secret",
    [
        "password=hunter2-correct",
        "postgresql://app:hunter2-correct@db/x",
        "Authorization: Bearer hunter2-correct.x1y2z3",
    ],
)
def test_secrets_are_in_no_part_of_it(secret):
    read = told((0, "a", f"ERROR failed with {secret}"), (9000, "a", TRACE + f"ValueError: {secret}"))
    assert read.errors == 2
    assert "hunter2" not in repr(read)


def test_a_private_key_over_many_events_is_not_kept():
    key = [
        "-----BEGIN RSA PRIVATE KEY-----",
        *(f"MIIEpAIBAAKCAQEA{n}u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0g" for n in range(3)),
    ]
    lines = ["ERROR cannot load key", *(f"  {line}" for line in key), "  -----END RSA PRIVATE KEY-----"]
    read = told(*((n, "a", line) for n, line in enumerate(lines)))
    assert "MIIEpA" not in repr(read)


def test_what_was_left_out_makes_it_incomplete():
    read = told((0, "a", "INFO fine"), cut="the log group: what 4 requests gave")
    assert (read.complete, read.errors, read.shapes, read.first_at) == (False, 0, (), "")


def test_it_is_stored_and_read_back_as_it_was():
    read = told((0, "a", TRACE + "KeyError: x"), (1, "b", "ERROR y"))
    assert from_json(LogDigest, to_json(read)) == read
