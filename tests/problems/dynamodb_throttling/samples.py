"""Evidence of `dynamodb_throttling` built by hand: the portfolio's table, to which each test does one thing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from remediator.core.evidence import Reading
from remediator.core.timestamps import after
from remediator.problems.dynamodb_throttling.evidence import Evidence
from remediator.problems.dynamodb_throttling.evidence import Outcome as After
from remediator.resources.cloudformation import Stack
from remediator.resources.dynamodb.model import Bounds, Flow, Insights, Load, Minute, Quotas, Table, Throughput, load_of
from tests.problems.ecs_task_restarting.samples import known
from tests.samples import NOW

TABLE_ARN = "arn:aws:dynamodb:ap-northeast-1:123456789012:table/portfolio-users"
INDEX = "by-mail"
TARGET_ARN = "arn:aws:application-autoscaling:ap-northeast-1:123456789012:scalable-target/0ec5d7a1"


def own(**changes: Any) -> Throughput:
    return replace(Throughput(arn=TABLE_ARN, read=10, write=5), **changes)


def index(**changes: Any) -> Throughput:
    return replace(Throughput(arn=f"{TABLE_ARN}/index/{INDEX}", index=INDEX, read=10, write=5), **changes)


def table(**changes: Any) -> Table:
    return replace(Table(name="portfolio-users", own=own(), indexes=(index(),)), **changes)


def raised(**changes: Any) -> Table:
    """As the raise of a short table leaves it."""
    return table(own=own(write=10, **changes), indexes=(index(write=10),))


def on_demand(**changes: Any) -> Table:
    return table(billing="PAY_PER_REQUEST", own=own(**changes), indexes=(index(**changes),))


def bounds(direction: str = "write", **changes: Any) -> Bounds:
    target = Bounds(id="table/portfolio-users", direction=direction, minimum=5, maximum=8, arn=TARGET_ARN)
    return replace(target, **changes)


def minutes(per_minute: float, of: range) -> tuple[Minute, ...]:
    """So many a minute in the minutes that began so long ago, oldest first."""
    return tuple(Minute(after(NOW, -60 * ago), per_minute) for ago in reversed(of))


def flow(direction: str = "write", index: str = "", served: float = 300, **causes: float) -> Flow:
    """A table that serves `served` units a minute and refuses so many requests a minute, by cause, for five minutes."""
    refused = {cause: minutes(count, range(1, 6)) for cause, count in causes.items()}
    total = minutes(sum(causes.values()), range(1, 6)) if causes else ()
    return Flow(
        index=index, direction=direction, consumed=minutes(served, range(1, 16)), refused=total, by_cause=refused
    )


def hour(direction: str = "write", index: str = "", usual: float = 4.0, peak: float = 5.0, refused: float = 60) -> Load:
    """`usual` units a second for the hour, `peak` in its last five minutes, with so many refused requests a minute."""
    calm = minutes(60 * usual, range(6, 61)) if usual else ()
    return load_of(
        Flow(
            index=index,
            direction=direction,
            consumed=(*calm, *minutes(60 * peak, range(1, 6))),
            refused=minutes(refused, range(1, 6)) if refused else (),
        )
    )


def flows(*bad: Flow) -> tuple[Flow, ...]:
    """The table's read and write, quiet but for `bad`."""
    where = {(f.index, f.direction) for f in bad}
    return (*bad, *(flow(way) for way in ("read", "write") if ("", way) not in where))


def evidence(*bad: Flow, **changes: Any) -> Evidence:
    of_table = tuple(f for f in bad if not f.index)
    of_index = tuple(f for f in bad if f.index)
    whole = Evidence(
        table=known(table()),
        tags=known({"auto-remediation": "auto"}),
        throttles=known(flows(*of_table)),
        load=known((hour("read"), hour("write"))),
        quotas=known(Quotas(account_read=80_000, account_write=80_000, table_read=40_000, table_write=40_000)),
        insights=known((Insights(),)),
        stack=known(Stack()),
        other_throttles=known(of_index),
        other_load=known((hour("read", INDEX), hour("write", INDEX))),
        scaling=known(()),
    )
    return replace(whole, **_readings(changes))


def outcome(*told: Flow, **changes: Any) -> After:
    whole = After(table=known(raised()), throttles=known(told), other_throttles=known(()))
    return replace(whole, **_readings(changes))


def _readings(changes: Mapping[str, Any]) -> Mapping[str, Reading[Any]]:
    return {k: v if isinstance(v, Reading) else known(v) for k, v in changes.items()}
