"""Row `alb_slow_response.network_congestion`.

Neither tasks nor tables, and one zone, a NAT gateway or refused packets stand out.
"""

from ...core.evidence import Unchecked
from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from .evidence import Evidence
from .facts import NOT_SLOW, busy_minutes, late_tables, network_facts, slow_minutes, time_facts

ZONES = "aws cloudwatch get-metric-statistics --namespace AWS/ApplicationELB --metric-name TargetResponseTime --dimensions Name=AvailabilityZone,Value=<zone> Name=TargetGroup,Value=<targetgroup/NAME/ID> Name=LoadBalancer,Value=<app/NAME/ID> --start-time <from> --end-time <to> --period 60 --extended-statistics p95"


NAT = "aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name ErrorPortAllocation --dimensions Name=NatGatewayId,Value=<nat-id> --start-time <from> --end-time <to> --period 60 --statistics Sum"


FLOWS = "aws logs filter-log-events --log-group-name <flow-log-group> --filter-pattern REJECT --start-time <ms> --end-time <ms>"


ADVICE = Text(
    "Look at the zone, the NAT gateway or the rule that is named; moving traffic out of a zone is a person's decision.",
    "示されたゾーン、NAT ゲートウェイ、ルールを確認してください。ゾーンからの切り離しは人の判断が必要です。",
)


LOOK = (ZONES, NAT, FLOWS)


def holds(e: Evidence, _: Setting) -> Finding:
    """Neither tasks nor tables, and one zone, a NAT gateway or refused packets stand out."""
    if not slow_minutes(e):
        return RuledOut(NOT_SLOW)
    if busy_minutes(e) or late_tables(e):
        return RuledOut(Text("tasks or tables explain it", "タスクまたはテーブルが原因です"))
    if facts := network_facts(e):
        return Holds((*time_facts(e), *facts))
    if gap := next((r.gap for r in (e.nats, e.flows) if r.gap), None):
        raise Unchecked(f"no zone stands out; {gap}")
    if (flows := e.flows.get()).unread or not flows.complete:
        raise Unchecked(
            f"no zone stands out; {flows.unread} records of the flow log could not be read, or not all were"
        )
    return RuledOut(
        Text(
            "no zone, no NAT gateway and no refused packet stands out",
            "ゾーン、NAT ゲートウェイ、拒否パケットに異常はありません",
        )
    )


@writes(does=Text("tells which zone, gateway or path stands out", "異常なゾーン、ゲートウェイ、経路を知らせる"))
def tell_network(e: Evidence, _: Setting) -> Decision:
    """What stands out, for a person."""
    del e
    return Advise(ADVICE, LOOK)


CAUSE = Cause(
    id="network_congestion",
    title=Text("network congestion", "ネットワークの輻輳"),
    holds=holds,
    fixes=(tell_network,),
    advice=ADVICE,
    confirm=Text(
        "Tasks and tables are as before; one zone alone is slow, or a NAT gateway or a rule drops packets.",
        "タスクとテーブルに変化はなく、特定のゾーンだけが遅い、または NAT ゲートウェイやルールがパケットを破棄しています。",
    ),
    look=LOOK,
)
