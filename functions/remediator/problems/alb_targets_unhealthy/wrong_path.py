"""Row `alb_targets_unhealthy.wrong_path`.

Targets answer the check, but with a code of a path that is not there, or with one that the matcher refuses.
"""

from ...core.model import Fact
from ...core.plan import Advise, Decision
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...resources.load_balancing.target_group_plans import plan_health
from ...resources.load_balancing.target_health import failing, failing_as
from .evidence import Evidence
from .facts import CHECK, HEALTH, ID, TARGET_GROUP_ARN, check_facts, declared_path, look_at_targets, reason_facts
from .reachability import other_port
from .reasons_to_wait import still_deploying, unproved

NO_PATH = Text(
    "No health path is declared for this workload: say which path is right.",
    "このワークロードにはヘルスチェックパスが宣言されていません。正しいパスを確認してください。",
)
MATCHER = Text(
    "The application answers with a success code that the matcher refuses: correct the matcher or the answer.",
    "アプリケーションは成功コードを返していますが、マッチャーが受け付けていません。どちらかを修正してください。",
)


def holds(e: Evidence, setting: Setting) -> Finding:
    """Targets answer the check, but with a code of a path that is not there, or with one that the matcher refuses."""
    group, declared = e.group.get(), declared_path(setting)
    off, refused = failing_as(group, "misplaced"), failing_as(group, "refused_success")
    if not off and not refused:
        return RuledOut(
            Text(
                "no target answers the health check with a code of a wrong path (404, 403, 301)",
                "ヘルスチェックに 404、403、301 など誤ったパスを示すコードを返すターゲットはありません",
            )
        )
    if not refused and group.health_path == declared:
        return RuledOut(
            Text(
                f"the health check asks the declared path {declared}",
                f"ヘルスチェックパスは宣言どおり {declared} です",
            )
        )
    facts = [*reason_facts(e, (*off, *refused)), *check_facts(e)]
    if setting.workload and declared:
        label = Text("path that the workload declares", "ワークロードが宣言したパス")
        facts.append(Fact(label, declared, "cdk.json", e.group.read_at))
    return Holds(tuple(facts), weight=len(off) + len(refused))


@writes(
    Permission("elasticloadbalancing:ModifyTargetGroup", TARGET_GROUP_ARN),
    does=Text(
        "sets the health-check path back to the declared one (asks where it was not proved to work)",
        "ヘルスチェックパスを宣言どおりに戻す（実績を確認できなければ承認を求める）",
    ),
)
def set_health_path(e: Evidence, setting: Setting) -> Decision:
    """The declared path again, where every failing target answers with a code of a wrong path."""
    group, declared = e.group.get(), declared_path(setting)
    if not declared.startswith("/"):
        return Advise(NO_PATH, (look_at_targets(group),))
    if not failing_as(group, "misplaced") or group.health_path == declared or not group.health_path:
        return Advise(MATCHER, (look_at_targets(group),))
    if (wait := still_deploying(group, setting)) is not None:
        return wait
    ask = [*unproved(e)]
    if other_port(e, setting):
        ask.append(Text("the port is not the declared one either", "ポートも宣言と異なります"))
    if len(failing_as(group, "misplaced")) < len(failing(group)):
        ask.append(Text("other targets fail for another reason", "別の理由で異常なターゲットもあります"))
    return plan_health(group, "path", declared, f"{ID}.wrong_path", ID, ask)


CAUSE = Cause(
    id="wrong_path",
    title=Text("wrong health-check path", "ヘルスチェックパスの誤り"),
    holds=holds,
    fixes=(set_health_path,),
    advice=Text(
        "Call the health path on a target and set the target group to the path that answers.",
        "ターゲットのヘルスチェックパスを直接呼び出し、応答するパスをターゲットグループに設定してください。",
    ),
    confirm=Text(
        "The target answers the checked path with a code that the matcher refuses (Target.ResponseCodeMismatch), and the "
        "declared path on the same port with one that it takes.",
        "ヘルスチェックパスへの応答がマッチャー外のコードで（Target.ResponseCodeMismatch）、同じポートの宣言済みパスは"
        "期待どおりのコードを返します。",
    ),
    look=(HEALTH, CHECK, "curl -i http://<target-ip>:<port><health-path>"),
)
