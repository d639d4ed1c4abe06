"""Stories about trouble that nobody tells of: lost events, and alarms that stay in ALARM."""

from collections.abc import Callable

from remediator.core.text import Text

from .. import names
from ..acts import APPROVED, table_calms
from ..cloudfront.site import TLS_ONLY, policy
from ..cloudwatch import alarms
from ..laptop import Act
from ..world import World
from . import Ending, Scenario
from .cloudfront_not_delivering import OF_ANOTHER, POLICY
from .dynamodb_throttling import CAPACITY, MORE

STATE_CHANGE = "CloudWatch Alarm State Change"


def _silent(*, muted: bool = False, owner_known: bool = True) -> Callable[[World], None]:
    """A table that too much is asked of, and an alarm whose events are lost."""

    def begin(world: World) -> None:
        world.run_service()
        world.lose(STATE_CHANGE)
        world.around.watch(alarms.table_throttled("Read", form="filled", muted=muted))
        world.around.table.ask(MORE)
        if not owner_known:
            world.deny("application-autoscaling:DescribeScalableTargets")

    return begin


def _unresolved(world: World) -> None:
    """The event comes, once; what throttles the table can only be told, and nobody does anything about it."""
    _silent(owner_known=False)(world)
    world.lose(STATE_CHANGE, lost=False)


def _silent_site(world: World) -> None:
    """The bucket's policy names another distribution; the alarm in us-east-1 goes off and its event is lost."""
    world.lose(STATE_CHANGE)
    world.around.watch(alarms.site_failing())
    world.around.site.forget()
    world.someone("s3", "put_bucket_policy", Bucket=names.BUCKET, Policy=policy(TLS_ONLY, OF_ANOTHER))


SCENARIOS = (
    Scenario(
        name="alarm-event-lost",
        title=Text("The alarm goes off and its event is lost", "アラームのイベントが失われる"),
        shows=Text(
            "the sweep finds the alarm in ALARM within a quarter of an hour; from there on it is an incident like any other",
            "15 分以内に定期確認が ALARM 状態のアラームを見つけ、以後は通常のインシデントとして対応する",
        ),
        begin=_silent(),
        sweeps=True,
        lasts_s=1000,
        expected=Ending(cause=CAPACITY, action="raise_capacity", verdict="fixed", fixes=1),
    ),
    Scenario(
        name="site-alarm-event-lost",
        title=Text(
            "The same in us-east-1, where CloudFront's alarms stand", "us-east-1 の CloudFront アラームで同じ障害"
        ),
        shows=Text(
            "alarms of the declared distributions are swept there",
            "宣言済みディストリビューションのアラームも us-east-1 で確認する",
        ),
        begin=_silent_site,
        acts=APPROVED,
        sweeps=True,
        lasts_s=1000,
        expected=Ending(cause=POLICY, action="admit_distribution", verdict="fixed", fixes=1),
    ),
    Scenario(
        name="alarm-stays",
        title=Text("Nobody ends the trouble for hours", "障害が何時間も解消されない"),
        shows=Text(
            "the sweep takes it up again an hour after its incident has ended, not every quarter of an hour, and the "
            "report says that it persists",
            "定期確認のたびではなく、インシデント終了の 1 時間後に再対応し、障害が継続中であることを報告に明記する",
        ),
        begin=_unresolved,
        sweeps=True,
        lasts_s=9_000,
        expected=Ending(cause=CAPACITY, action="told", verdict="not_fixed", incidents=2, fixes=0),
    ),
    Scenario(
        name="alarm-stays-muted",
        title=Text("The alarm that the sweep finds is muted", "定期確認で見つかったアラームはミュート中"),
        shows=Text("nothing starts within a mute window", "ミュート期間中は何も開始しない"),
        begin=_silent(muted=True),
        sweeps=True,
        lasts_s=2_000,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="alarm-ended-in-time",
        title=Text("The trouble is over before the sweep", "定期確認の前に障害が解消"),
        shows=Text("an alarm that is OK again is nobody's", "OK に戻ったアラームは対象外"),
        begin=_silent(),
        acts=(Act(at_s=300, do=table_calms),),
        sweeps=True,
        lasts_s=2_000,
        expected=Ending(incidents=0),
    ),
)
