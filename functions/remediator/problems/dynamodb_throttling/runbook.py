"""The table of `dynamodb_throttling`: its rows in the guide's order, evidence, verification."""

from ...core.runbook import Runbook, tag_of
from ...core.text import Text
from . import account_limit, burst_traffic, hot_key, insufficient_capacity, on_demand_maximum
from .evidence import Evidence, Outcome
from .facts import ID, current_values, situation
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=Text("DynamoDB requests are throttled", "DynamoDB のリクエストがスロットリングされている"),
    symptom=Text("requests are refused for exceeding throughput", "スループット超過によりリクエストが拒否されている"),
    guide="DynamoDB: throttling",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(
        insufficient_capacity.CAUSE,
        hot_key.CAUSE,
        burst_traffic.CAUSE,
        on_demand_maximum.CAUSE,
        account_limit.CAUSE,
    ),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=tag_of("tags"),
    current_values=current_values,
    situation=situation,
)
