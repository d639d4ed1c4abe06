"""Log events put together: one record for what was logged at once, whatever language wrote it."""

import json

import pytest

from remediator.resources.logs.records import LogEvent, is_error, records

PYTHON = """\
ERROR portfolio.api request failed: GET /users/42
Traceback (most recent call last):
  File "/app/api.py", line 88, in get_user
    return find(user_id)
KeyError: 'PORTFOLIO_TABLE'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/api.py", line 90, in get_user
    raise Unavailable() from None
app.errors.Unavailable: users cannot be read"""
JAVA = """\
2026-11-23 03:00:00.123 ERROR 1 --- [main] c.e.App : request failed
java.lang.IllegalStateException: no connection
\tat com.example.App.run(App.java:10)
Caused by: java.net.ConnectException: Connection refused
\tat com.example.Db.open(Db.java:3)
\t... 23 more"""
NODE = """\
TypeError: Cannot read properties of undefined (reading 'id')
    at find (/app/users.js:3:1)
    at Object.<anonymous> (/app/index.js:9:1)"""
GO = """\
panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.handler(0xc000012345)
\t/app/main.go:12 +0x1d
main.main()
\t/app/main.go:5 +0x25
exit status 2"""
DOTNET = """\
Unhandled exception. System.InvalidOperationException: not ready
 ---> System.Net.Http.HttpRequestException: refused
   at Portfolio.Db.Open() in /src/Db.cs:line 10
   --- End of inner exception stack trace ---
   at Portfolio.Program.Main()"""
RUBY = """\
app.rb:3:in `find': undefined method `id' for nil (NoMethodError)
\tfrom app.rb:7:in `<main>'"""
CALM = "2026-11-23 03:00:05 INFO GET /health 200"


def of(text, stream="a", at_ms=1000):
    return [LogEvent(at_ms + n, stream, line) for n, line in enumerate(text.splitlines())]


TRACES = {"python": PYTHON, "java": JAVA, "node": NODE, "go": GO, "dotnet": DOTNET, "ruby": RUBY}
NAMED = {
    "python": "app.errors.Unavailable: users cannot be read",
    "java": "java.lang.IllegalStateException: no connection",
    "node": "TypeError: Cannot read properties of undefined (reading 'id')",
    "go": "panic: runtime error: index out of range [5] with length 3",
    "dotnet": "Unhandled exception. System.InvalidOperationException: not ready",
    "ruby": "app.rb:3:in `find': undefined method `id' for nil (NoMethodError)",
}


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_over_many_events_is_one_record_that_names_its_error(language):
    calm, found, after = records(of(CALM) + of(TRACES[language], at_ms=2000) + of(CALM, at_ms=3000))
    assert found.named == NAMED[language]
    assert is_error(found)
    assert not is_error(calm)
    assert not is_error(after)


@pytest.mark.parametrize("language", TRACES)
def test_a_trace_within_one_event_is_the_same_record(language):
    (whole,) = records([LogEvent(1000, "a", TRACES[language])])
    (split,) = records(of(TRACES[language]))
    assert (whole.head, whole.trace) == (split.head, split.trace)


@pytest.mark.parametrize("language", TRACES)
def test_streams_that_are_written_at_once_are_kept_apart(language):
    other = [LogEvent(e.at_ms, "b", CALM) for e in of(TRACES[language])]
    mixed = [e for pair in zip(of(TRACES[language]), other, strict=True) for e in pair]
    found = [r for r in records(mixed) if is_error(r)]
    (alone,) = records(of(TRACES[language]))
    assert [(r.stream, r.trace) for r in found] == [("a", alone.trace)]


def test_a_chained_python_error_is_one_error_and_two_loose_ones_are_two():
    assert len(records(of(PYTHON))) == 1
    plain = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: x'
    assert len(records(of(plain + "\n" + plain))) == 2


def test_lines_that_come_long_after_belong_to_something_else():
    first, rest = of("ERROR failed"), of(NODE, at_ms=60_000)
    assert [bool(r.trace) for r in records(first + rest)] == [False, True]


def test_a_trace_after_a_calm_line_does_not_take_it_in():
    calm, found = records(of(CALM + "\n" + NODE))
    assert (calm.head, found.head) == (CALM, "")


@pytest.mark.parametrize(
    "line",
    [
        "INFO finished with 0 errors",
        "no errors found",
        "job done without any errors",
        "error_rate=0 requests=1200",
        "requests=12 errors=0, retries=0",
        '{"level":"info","message":"error budget left","errors":0}',
        '{"level":"warn","message":"Error while retrying, will try again"}',
        "2026-11-23 03:00:00 INFO ErrorHandler installed",
        "[info] Exception mapper registered",
        "WARNING portfolio.api slow answer, no error",
        "error handler registered",
        "lastError: null",
        "terror alert lowered",
        "GET /errors 200",
    ],
)
def test_what_only_sounds_like_an_error_is_none(line):
    assert [r for r in records(of(line)) if is_error(r)] == []


@pytest.mark.parametrize(
    "line",
    [
        "ERROR boom",
        "2026-11-23T03:00:00Z [ERROR] boom",
        "level=error msg=boom",
        "FATAL: password authentication failed",
        "CRITICAL out of disk",
        "Error: listen EADDRINUSE: address already in use :::8000",
        "Uncaught exception in worker 3",
        "\x1b[31mERROR\x1b[0m boom",
        '{"level":50,"msg":"boom"}',
        '{"severity":"ERROR","message":"boom"}',
    ],
)
def test_what_its_author_calls_an_error_is_one(line):
    (found,) = records(of(line))
    assert is_error(found)
    assert "\x1b" not in found.head


@pytest.mark.parametrize(
    "fields",
    [
        {"stack_trace": NODE},
        {"exception": NODE},
        {"err": {"type": "TypeError", "message": "x", "stack": NODE}},
        {"error": {"name": "TypeError", "stack": NODE.splitlines()}},
    ],
)
def test_a_structured_line_tells_message_level_and_trace(fields):
    (found,) = records([LogEvent(1, "a", json.dumps({"level": "error", "message": "boom", **fields}))])
    assert (found.head, found.level, found.named) == ("boom", "error", NODE.splitlines()[0])


@pytest.mark.parametrize(
    "text", ["{", "{" * 50_000 + "}", '{"level": {"a": 1}}', "", "\n\n", "}", "\tat ", "a" * 100_000]
)
def test_what_is_no_sound_line_breaks_nothing(text):
    records([LogEvent(0, "a", text)])


def test_hostile_lines_are_read_in_time_that_grows_with_their_length():
    """The rules look ahead over bounded distances only; a quadratic one would not end within the test run."""
    for unit in ("a.", "error_", "goroutine 1 [", "0 x ", "'", "{", "A1-"):
        records([LogEvent(n, "a", unit * 2000) for n in range(200)])
