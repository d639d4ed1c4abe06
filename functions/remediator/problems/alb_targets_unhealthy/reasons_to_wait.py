"""Why a target group's settings are not changed yet, or not without a person: targets that pass, and no proof."""

from ...core.plan import Watch
from ...core.runbook import Setting
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.load_balancing.model import TargetGroup
from .evidence import Evidence

TURN_S = 60  # targets turn unhealthy one after the other; a setting is judged once all had the time


def still_deploying(group: TargetGroup, setting: Setting) -> Watch | None:
    """A wait while healthy targets may yet turn: a setting that some of them pass is not changed in a hurry."""
    wait_s = group.gives_up_after_s + TURN_S
    if not group.healthy or not setting.opened_at or seconds_between(setting.opened_at, setting.now) > wait_s:
        return None
    return Watch(
        Text(
            "Some targets still pass; watching whether they turn.",
            "正常なターゲットが残っているため、推移を監視します。",
        ),
        wait_s,
    )


def unproved(e: Evidence) -> tuple[Text, ...]:
    """Why a person must say that the other setting is right; empty where targets were healthy not long ago."""
    hosts, why = e.hosts.or_none(), []
    if hosts is None:
        why.append(
            Text(
                "whether targets were healthy before could not be read",
                "以前に正常だったかどうかを読み取れませんでした",
            )
        )
    elif not hosts.healthy_before:
        why.append(
            Text(
                "no target is known to have been healthy in the 24 hours before",
                "直前 24 時間に正常だったターゲットの記録がありません",
            )
        )
    if e.group.get().healthy:
        why.append(Text("some targets pass as it is set now", "現在の設定で正常なターゲットがあります"))
    return tuple(why)
