"""Which row of `dynamodb_throttling` an error, a throttling reason or a metric of DynamoDB speaks for.

Sources: DynamoDB developer guide (error handling, throttling diagnosis, metrics and dimensions), API reference.
"""

from typing import Literal

from ...core.text import Text
from ..phrase_rules import PhraseRule, decided_by, first, plain
from .throttle_metrics import METRIC_OF, ThrottleCause

ThrottleRow = Literal["insufficient_capacity", "hot_key", "burst_traffic", "on_demand_maximum", "account_limit"]
ROW_OF: dict[ThrottleCause, ThrottleRow] = {
    "provisioned": "insufficient_capacity",
    "key_range": "hot_key",
    "max_on_demand": "on_demand_maximum",
    "account_limit": "account_limit",
}
# Metrics without a throttle cause in their names that still tell one. Source: DynamoDB metrics and dimensions.
METRICS: dict[str, ThrottleRow] = {
    "OnlineIndexThrottleEvents": "insufficient_capacity",
    "AccountProvisionedReadCapacityUtilization": "account_limit",
    "AccountProvisionedWriteCapacityUtilization": "account_limit",
    "MaxProvisionedTableReadCapacityUtilization": "account_limit",
    "MaxProvisionedTableWriteCapacityUtilization": "account_limit",
    "OnDemandMaxReadRequestUnits": "on_demand_maximum",
    "OnDemandMaxWriteRequestUnits": "on_demand_maximum",
}
ALL_ROWS: tuple[ThrottleRow, ...] = (
    "insufficient_capacity", "hot_key", "burst_traffic", "on_demand_maximum", "account_limit",
)  # fmt: skip
Told = tuple[ThrottleRow, tuple[ThrottleRow, ...]]

RULES: tuple[PhraseRule[Told | None], ...] = (
    PhraseRule(any_of=("for shard", "kinesis"), row=None, why=Text("Kinesis has an exception of the same name", "Kinesis の同名の例外です")),
    PhraseRule(any_of=("maximum ondemandthroughput", "maximum on-demand throughput"), row=("on_demand_maximum", ()), why=Text("the maximum that the owner set is reached", "設定されたオンデマンドの上限に達しました")),
    PhraseRule(any_of=("throughput limit for your account", "requestlimitexceeded"), row=("account_limit", ()), why=Text("the account's quota is reached", "アカウントのクォータに達しました")),
    PhraseRule(any_of=("current capacity of your table or index", "current capacity for one or more global secondary"), row=("hot_key", ("burst_traffic",)), why=Text("an on-demand table is refused for one partition, or for more than twice its earlier peak", "オンデマンドテーブルで、特定パーティションへの集中または過去のピークの 2 倍を超える要求です")),
    PhraseRule(any_of=("transactioncanceled", "cancellation reasons"), and_any_of=("throttlingerror",), row=("burst_traffic", ("hot_key",)), why=Text("a transaction was throttled", "トランザクションがスロットリングされました")),
    PhraseRule(any_of=("configured provisioned throughput", "maximum allowed provisioned throughput", "provisionedthroughputexceeded"), row=("insufficient_capacity", ("hot_key", "burst_traffic")), why=Text("more was asked for than is provisioned", "プロビジョニングされた容量を超える要求です")),
    PhraseRule(any_of=("rate of requests exceeds the allowed",), row=None, why=Text("control-plane calls were made too fast; the tables are fine", "コントロールプレーン API の呼び出しが多すぎます。テーブルは正常です")),
)  # fmt: skip


def throttled(text: str) -> tuple[Told | None, str, Text] | None:
    """Row and the rows that remain possible (None: no throttling of a table), the deciding word, why."""
    found = first(RULES, plain(text))
    return (found[0].row, decided_by(text, found[1]), found[0].why) if found else None


def by_reason(reason: str) -> ThrottleRow | None:
    """The row of one entry of `ThrottlingReasons`, such as `TableReadProvisionedThroughputExceeded`."""
    named = reason.removesuffix("Exceeded")
    return next((ROW_OF[cause] for cause, middle in METRIC_OF.items() if named.endswith(middle)), None)


def by_metric(name: str) -> ThrottleRow | None:
    """The row of a metric of `AWS/DynamoDB` whose alarm went off; None where it tells no cause."""
    if name.endswith("ThrottleEvents"):
        middle = name.removesuffix("ThrottleEvents")
        for cause, found in METRIC_OF.items():
            if middle in (f"Read{found}", f"Write{found}"):
                return ROW_OF[cause]
    return METRICS.get(name)
