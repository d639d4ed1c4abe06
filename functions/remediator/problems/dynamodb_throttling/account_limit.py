"""Row `dynamodb_throttling.account_limit`. A quota of the account was reached."""

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import METRIC, quota_commands, throttle_facts, throttled, weight

ADVICE = Text(
    "Request a higher quota; AWS decides on it. Until then, slow down what can wait.",
    "クォータの引き上げを申請してください（承認は AWS が行います）。それまでは後回しにできる処理を抑えます。",
)


def holds(e: Evidence, _: Setting) -> Finding:
    """A quota of the account was reached."""
    reached = throttled(e, "account_limit")
    if not reached:
        return RuledOut(Text("no account quota was reached", "アカウントのクォータには達していません"))
    facts = list(throttle_facts(e, reached, "account_limit"))
    if quotas := e.quotas.or_none():
        way = reached[0].direction
        text = f"{quotas.of_table(way)} / {quotas.of_account(way)}"
        facts.append(e.quotas.fact(Text("quota of one table / of all", "クォータ: 1 テーブル / アカウント全体"), text))
    return Holds(tuple(facts), weight=weight(reached, "account_limit"))


@writes(does=Text("tells the quota request", "クォータ引き上げの申請方法を通知"))
def request_quota(e: Evidence, _: Setting) -> Decision:
    """The request that a person makes; AWS decides on it."""
    return Advise(ADVICE, quota_commands(e, throttled(e, "account_limit")))


CAUSE = Cause(
    id="account_limit",
    title=Text("account quota reached", "アカウントのクォータに到達"),
    holds=holds,
    fixes=(request_quota,),
    advice=ADVICE,
    confirm=Text(
        "AccountLimitThrottleEvents of that direction counts, while no maximum of the table's own is reached.",
        "テーブル自身の上限には達しておらず、その方向の AccountLimitThrottleEvents が発生しています。",
    ),
    look=(
        METRIC.format(metric="<Read-or-Write>AccountLimitThrottleEvents"),
        "aws dynamodb describe-limits",
    ),
)
