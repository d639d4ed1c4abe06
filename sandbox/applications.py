"""The programs that run in the sandbox's tasks, and how each of them fails."""

from dataclasses import dataclass

TRACEBACK = (
    "ERROR portfolio.api request failed: GET /users/42",
    "Traceback (most recent call last):",
    '  File "/app/portfolio/api.py", line 88, in get_user',
    "    return repository.find(user_id)",
    '  File "/app/portfolio/repository.py", line 31, in find',
    '    connect("postgresql://portfolio:hunter2-correct-horse@db.internal:5432/portfolio")',
    "KeyError: 'PORTFOLIO_TABLE'",
)
SLOW_START = ("WARNING portfolio.api still warming the cache, /health answers 503",)
ROUTE_LOST = ("ERROR portfolio.api no route for GET /health",)
SLOW_ANSWER = ("ERROR portfolio.api GET /health took 6012 ms: no connection left in the pool",)
RESET = ("WARNING portfolio.api keep-alive connections are closed after 5 s",)
SLOW_REPORT = ("INFO portfolio.api GET /users/report took 70011 ms",)
OUT_OF_MEMORY = ("WARNING portfolio.api report cache holds 41,000 entries",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How the program of one image behaves; seconds count from the start of a task.

    Attributes:
        ready_after_s: the health path answers 200 from then on; None: never.
        memory_need_mib: what it wants at its peak; a container limit below kills it on the way there.
        memory_full_after_s: when it would reach that peak.
        exits_after_s: ends by itself then, with `exit_code`.
        sick_after_s: the health path answers 500 from then on.
        warming_error_pct: requests that fail (of all of the service's) while one of its tasks warms up for over a
            minute: it holds a lock that the others need.
        sick_code: what its health path answers where it is ill.
        answers_late: where it is ill, its health path answers after the check has given up, not 5xx.
        closes_pct: requests whose connection it closes without an answer, where it is well: the load balancer says 502.
        slow_answer_s: how long one request in twenty takes, where it is well; the health path answers as ever.
        steady_answer_s: how long every request takes, where it is well and that is more than usual.
        errors_pct: requests that it answers with 5xx, where it is well.
        last_words: log lines that it leaves before it fails.
    """

    ready_after_s: float | None = 20.0
    memory_need_mib: int = 300
    memory_full_after_s: float = 90.0
    exits_after_s: float | None = None
    exit_code: int = 1
    sick_after_s: float | None = None
    warming_error_pct: float = 0.0
    sick_code: int = 500
    answers_late: bool = False
    closes_pct: float = 0.0
    slow_answer_s: float = 0.0
    steady_answer_s: float = 0.0
    errors_pct: float = 0.0
    last_words: tuple[str, ...] = ()


HEALTHY = Application()
LEAKS = Application(memory_need_mib=900, memory_full_after_s=300.0, last_words=OUT_OF_MEMORY)
STARTS_SLOWLY = Application(ready_after_s=100.0, last_words=SLOW_START)
STARTS_VERY_SLOWLY = Application(ready_after_s=400.0, last_words=SLOW_START)
NEVER_READY = Application(ready_after_s=None, last_words=TRACEBACK)
TURNS_SICK = Application(sick_after_s=45.0, last_words=TRACEBACK)
CRASHES = Application(exits_after_s=110.0, last_words=TRACEBACK)
CRASHES_AT_ONCE = Application(ready_after_s=None, exits_after_s=5.0, last_words=TRACEBACK)
WARMS_AND_BLOCKS = Application(ready_after_s=2000.0, warming_error_pct=30.0, last_words=SLOW_START)
ANSWERS_500 = Application(sick_after_s=0.0, last_words=TRACEBACK)
ANSWERS_404 = Application(sick_after_s=0.0, sick_code=404, last_words=ROUTE_LOST)
ANSWERS_LATE = Application(sick_after_s=0.0, answers_late=True, last_words=SLOW_ANSWER)
CLOSES_CONNECTIONS = Application(closes_pct=8.0, last_words=RESET)
ANSWERS_IN_70_S = Application(slow_answer_s=70.0, last_words=SLOW_REPORT)
ANSWERS_IN_200_S = Application(slow_answer_s=200.0, last_words=SLOW_REPORT)
ANSWERS_IN_300_MS = Application(steady_answer_s=0.3)
ANSWERS_ERRORS = Application(errors_pct=10.0, last_words=TRACEBACK)
LEAKS_BEFORE_READY = Application(
    ready_after_s=150.0, memory_need_mib=900, memory_full_after_s=330.0, last_words=OUT_OF_MEMORY
)
LEAKS_LATE = Application(ready_after_s=300.0, memory_need_mib=900, memory_full_after_s=900.0, last_words=OUT_OF_MEMORY)
ANSWERS_ERRORS_LATE = Application(errors_pct=10.0, slow_answer_s=55.0, last_words=TRACEBACK)
CLOSES_AND_ANSWERS_ERRORS = Application(closes_pct=8.0, errors_pct=3.0, last_words=RESET)
CRASHES_WITH_FULL_MEMORY = Application(
    memory_need_mib=500, memory_full_after_s=60.0, exits_after_s=110.0, last_words=TRACEBACK
)
LEAKS_AND_COMPLAINS = Application(memory_need_mib=900, memory_full_after_s=300.0, last_words=TRACEBACK)
