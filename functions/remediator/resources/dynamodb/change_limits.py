"""Why a table is not changed, not yet, or not without a person: its state, its owner, and limits of AWS."""

from ...core.evidence import Reading
from ...core.plan import WATCH_S, Advise, Decision, Watch
from ...core.runbook import Setting
from ...core.text import Text
from ...core.timestamps import seconds_between
from .model import Bounds, Flow, Quotas, Table
from .throttle_metrics import ThrottleCause

MINUTES_AT_LEAST = 2  # ours: SDKs send a throttled request again, so one bad minute alone harms nobody
ENDED_AFTER_S = 300  # ours: CloudWatch is up to two minutes late; five without an event are an end
SWITCHES_WITHIN_S = 24 * 3600  # AWS, DynamoDB constraints: four switches to on-demand in a rolling 24 hours


def preconditions(table: Table, flows: tuple[Flow, ...], cause: ThrottleCause, setting: Setting) -> Decision | None:
    """Why nothing is changed (yet); None where the table can be changed and the throttling goes on."""
    if table.status == "DELETING":
        return Advise(Text("The table is being deleted.", "テーブルは削除中です。"), final=True)
    if table.busy:
        return Watch(
            Text("AWS is changing the table already; watching.", "テーブルは変更処理中のため、監視します。"), WATCH_S
        )
    if table.status != "ACTIVE":
        return Advise(Text(f"The table is {table.status}.", f"テーブルの状態は {table.status} です。"))
    return _not_going_on(flows, cause, setting)


def _not_going_on(flows: tuple[Flow, ...], cause: ThrottleCause, setting: Setting) -> Watch | None:
    minutes = {m.at: m.ends_at for f in flows for m in f.of(cause)}
    if len(minutes) < MINUTES_AT_LEAST:
        return Watch(
            Text(
                "Throttled in one minute only so far; watching.", "スロットリングはまだ 1 分間のみのため、監視します。"
            ),
            WATCH_S,
        )
    if seconds_between(max(minutes.values()), setting.now) > ENDED_AFTER_S:
        return Watch(
            Text("The throttling seems to have ended; watching.", "スロットリングは収まったようです。監視を続けます。"),
            WATCH_S,
        )
    return None


def not_ours(bounds: Bounds) -> Advise | None:
    """Why autoscaling's bounds are not touched; None where they may be raised."""
    if bounds.held:
        return Advise(
            Text(
                "Somebody suspended scaling out of this capacity: ask them before its bounds are raised.",
                "スケールアウトが停止されています。範囲を変更する前に、停止した担当者に確認してください。",
            )
        )
    if not bounds.arn:
        return Advise(
            Text("AWS names no ARN of the scalable target.", "スケーラブルターゲットの ARN を取得できません。")
        )
    return None


def quota_reasons_to_ask(quotas: Reading[Quotas]) -> tuple[Text, ...]:
    """That nobody knows how much AWS would give, where the quotas could not be read."""
    if quotas.or_none():
        return ()
    return (Text(f"quotas could not be checked ({quotas.gap})", f"クォータを確認できません（{quotas.gap}）"),)


def switch_reasons_to_ask(table: Table, now: str) -> tuple[Text, ...]:
    """That a switch to on-demand may be refused, or be the last: AWS tells the latest one, and no count.

    Where the latest is older than the window, or there was none, none of the four is used.
    """
    at = table.on_demand_since
    if not at or seconds_between(at, now) >= SWITCHES_WITHIN_S:
        return ()
    return (
        Text(
            f"it was switched at {at}; AWS allows four in 24 hours and tells only the latest, "
            "so how many are left could not be checked",
            f"{at} にも切り替えています。24 時間に 4 回までですが、AWS からは最新の 1 回しか取得できず、"
            "残り回数を確認できません",
        ),
    )
