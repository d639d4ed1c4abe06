"""Words of advice and commands for the rows of `dynamodb_throttling`."""

from collections.abc import Mapping

from .dynamodb import Direction, Flow, Insights, Table
from .table_view import TableEvidence
from .text import Text

# Service Quotas' codes of DynamoDB: throughput of one on-demand table, of all provisioned tables together.
TABLE_QUOTA: Mapping[Direction, str] = {"read": "L-CF0CBE56", "write": "L-AB614373"}
ACCOUNT_QUOTA: Mapping[Direction, str] = {"read": "L-34F6A552", "write": "L-34F8CCC8"}

AT_QUOTA = Text("The table is at its quota: see the command.", "テーブルのクォータに達しています。")
AT_MAXIMUM = Text("No maximum can be raised any more.", "引き上げ可能な上限がありません。")
ADVICE_HOT_KEY = Text(
    "Spread the load over more partition keys (a suffix, a cache before the table); more capacity does not help one key.",
    "パーティションキーを分散してください（サフィックスの付与や前段のキャッシュなど）。容量を増やしても単一キーの制限は解消しません。",
)
ADVICE_ACCOUNT_LIMIT = Text(
    "Request a higher quota; AWS decides on it. Until then, slow down what can wait.",
    "クォータの引き上げを申請してください（承認は AWS が行います）。それまでは後回しにできる処理を抑えます。",
)

_TABLE = (
    "aws dynamodb describe-table --table-name <table> "
    "--query 'Table.[BillingModeSummary,ProvisionedThroughput,OnDemandThroughput,GlobalSecondaryIndexes]'"
)
_METRIC = (
    "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name {metric} "
    "--dimensions Name=TableName,Value=<table> --statistics Sum --period 60 --start-time <start> --end-time <end>"
)


def quota_commands(e: TableEvidence, flows: tuple[Flow, ...]) -> tuple[str, ...]:
    """Requests for twice the quota that these flows met; where it could not be read, the command that lists quotas."""
    table, quotas = e.table.or_none(), e.quotas.or_none()
    if table is None or quotas is None:
        return ("aws service-quotas list-service-quotas --service-code dynamodb",)
    ways = dict.fromkeys(f.direction for f in flows)
    codes = {d: TABLE_QUOTA[d] if table.on_demand else ACCOUNT_QUOTA[d] for d in ways}
    most = {d: quotas.of_table(d) if table.on_demand else quotas.of_account(d) for d in ways}
    request = "aws service-quotas request-service-quota-increase --service-code dynamodb"
    return tuple(f"{request} --quota-code {codes[d]} --desired-value {2 * most[d]}" for d in ways)


def key_commands(table: Table, index: str, status: Insights | None) -> tuple[str, ...]:
    """What shows the throttled keys: reports of Contributor Insights' rules, or whether it is on where nobody knows."""
    if status is None:
        of_index = f" --index-name {index}"
        return (f"aws dynamodb describe-contributor-insights --table-name {table.name}{of_index}",)
    return tuple(_report(rule) for rule in status.rules if "-PKT-" in rule or "-SKT-" in rule)


def _report(rule: str) -> str:
    window = "--start-time $(date -u -d '-1 hour' +%FT%TZ) --end-time $(date -u +%FT%TZ) --period 60"
    return f"aws cloudwatch get-insight-rule-report --rule-name {rule} {window} --max-contributor-count 10"
