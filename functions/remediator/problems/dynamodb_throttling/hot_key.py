"""Row `dynamodb_throttling.hot_key`.

One partition takes more than a partition can serve, however much the table has.
"""

from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.dynamodb.capacity_plans import plan_insights
from ...resources.dynamodb.model import Insights, Table
from .evidence import Evidence
from .facts import ID, METRIC, TABLE_ARN, part_of, throttle_facts, throttled, weight

ADVICE = Text(
    "Spread the load over more partition keys (a suffix, a cache before the table); more capacity does not help one key.",
    "パーティションキーを分散してください（サフィックスの付与や前段のキャッシュなど）。容量を増やしても単一キーの制限は解消しません。",
)


def key_commands(table: Table, index: str, status: Insights | None) -> tuple[str, ...]:
    """What shows the throttled keys: reports of Contributor Insights' rules, or whether it is on where nobody knows."""
    if status is None:
        of_index = f" --index-name {index}"
        return (f"aws dynamodb describe-contributor-insights --table-name {table.name}{of_index}",)
    return tuple(_report(rule) for rule in status.rules if "-PKT-" in rule or "-SKT-" in rule)


def _report(rule: str) -> str:
    window = "--start-time $(date -u -d '-1 hour' +%FT%TZ) --end-time $(date -u +%FT%TZ) --period 60"
    return f"aws cloudwatch get-insight-rule-report --rule-name {rule} {window} --max-contributor-count 10"


def holds(e: Evidence, _: Setting) -> Finding:
    """One partition takes more than a partition can serve, however much the table has."""
    hot = throttled(e, "key_range")
    if not hot:
        return RuledOut(Text("no key range was throttled", "キー範囲のスロットリングはありません"))
    facts = list(throttle_facts(e, hot, "key_range"))
    if known := e.insights.or_none():
        text = ", ".join(f"{i.index or 'table'}: {i.status}" for i in known)
        facts.append(e.insights.fact(Text("Contributor Insights", "Contributor Insights の状態"), text))
    return Holds(tuple(facts), weight=weight(hot, "key_range"))


@writes(
    Permission("dynamodb:UpdateContributorInsights", TABLE_ARN),
    does=Text(
        "turns on Contributor Insights (throttled keys) after approval",
        "承認後に Contributor Insights（スロットリングキー）を有効化",
    ),
)
def watch_throttled_keys(e: Evidence, _: Setting) -> Decision:
    """Contributor Insights where it is off, else the commands that show the keys."""
    worst, table = throttled(e, "key_range")[0], e.table.get()
    part = part_of(e, worst)
    status = next((i for i in e.insights.get() if i.index == worst.index), None)
    if status and status.status == "DISABLED":
        return plan_insights(table, part, status, ID)
    return Advise(ADVICE, key_commands(table, worst.index, status))


CAUSE = Cause(
    id="hot_key",
    title=Text("hot partition key", "ホットキー"),
    holds=holds,
    fixes=(watch_throttled_keys,),
    advice=ADVICE,
    confirm=Text(
        "ReadKeyRangeThroughputThrottleEvents or its Write counterpart counts although the table has capacity left; "
        "Contributor Insights names one key far ahead of the others.",
        "テーブルの容量に余裕があるのに ReadKeyRangeThroughputThrottleEvents（または Write 側）が発生し、"
        "Contributor Insights で 1 つのキーが突出しています。",
    ),
    look=(
        METRIC.format(metric="<Read-or-Write>KeyRangeThroughputThrottleEvents"),
        "aws dynamodb describe-contributor-insights --table-name <table>",
    ),
)
