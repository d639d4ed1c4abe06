"""Row `alb_slow_response.dynamodb_latency`.

A table of the workload throttles, or takes several times as long as before.
"""

from ...core.evidence import Unchecked
from ...core.model import Resource
from ...core.plan import Advise, Decision, HandOver
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import NOT_SLOW, late_tables, slow_minutes, table_facts, time_facts

THROTTLING = "dynamodb_throttling"
TABLE = "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name SuccessfulRequestLatency --dimensions Name=TableName,Value=<table> Name=Operation,Value=<operation> --start-time <from> --end-time <to> --period 60 --statistics Average"
SLOW_NOT_THROTTLED = Text(
    "The table answers late and refuses nothing, so more capacity would not help.",
    "テーブルの応答は遅いものの拒否はなく、キャパシティを増やしても改善しません。",
)


def holds(e: Evidence, _: Setting) -> Finding:
    """A table of the workload throttles, or takes several times as long as before."""
    if not slow_minutes(e):
        return RuledOut(NOT_SLOW)
    if not e.tables.get():
        raise Unchecked("no table is declared for the workload (tables in cdk.json)")
    if not late_tables(e):
        return RuledOut(Text("the tables answer as fast as before", "テーブルの応答は以前と同じ速さです"))
    return Holds((*time_facts(e), *table_facts(e)), weight=len(slow_minutes(e)))


@writes(
    does=Text(
        "hands over to throttling where the table refuses, else tells", "スロットリングなら引き継ぎ、それ以外は知らせる"
    )
)
def hand_over_table(e: Evidence, _: Setting) -> Decision:
    """A table that throttles is looked into by its own runbook; one that is only slow is told."""
    first = late_tables(e)[0]
    if not first.throttled:
        return Advise(SLOW_NOT_THROTTLED, (TABLE.replace("<table>", first.name),))
    why = Text(
        f"the table {first.name} refused {first.throttled} requests while responses were slow",
        f"応答の遅延中にテーブル {first.name} が {first.throttled} 件のリクエストを拒否しました",
    )
    return HandOver(why, THROTTLING, Resource("table", first.arn))


CAUSE = Cause(
    id="dynamodb_latency",
    title=Text("DynamoDB answers late", "DynamoDB の応答遅延"),
    holds=holds,
    fixes=(hand_over_table,),
    advice=Text(
        "Look at the table: the operation that became slow, large items, scans, and whether the client retries.",
        "テーブルを確認してください。遅くなった操作、大きな項目、スキャン、クライアントの再試行が手がかりです。",
    ),
    confirm=Text(
        "The table refuses requests, or SuccessfulRequestLatency is several times that of the hour before; the tasks "
        "themselves have room.",
        "テーブルがリクエストを拒否している、または SuccessfulRequestLatency が 1 時間前の数倍で、タスク自体には余裕があります。",
    ),
    look=(TABLE,),
)
