"""Row `ecs_task_not_starting.invalid_task_definition`. A setting of the revision cannot be carried out."""

from collections.abc import Sequence

from ...core.plan import Advise, Decision
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text, same
from ...resources.ecs.plans.rollback import short
from ...resources.ecs.task_setup import Difference, differences
from .evidence import Evidence
from .facts import LOOK_AT_STOPS, NONE_SUCH, change_facts
from .failed_starts import preconditions, start_facts, starts_as
from .roll_back import roll_back

ADVICE = Text(
    "Correct the setting that the reason names and register another revision.",
    "停止理由が示す設定を修正し、新しいリビジョンを登録してください。",
)


def holds(e: Evidence, _: Setting) -> Finding:
    """A setting of the revision cannot be carried out."""
    starts = starts_as(e, "invalid_task_definition")
    return Holds((*start_facts(e, starts), *change_facts(e)), starts.weight) if starts.count else RuledOut(NONE_SUCH)


@writes(does=Text("tells what changed since the last good revision", "直近の正常なリビジョンからの変更点を知らせる"))
def tell_changes(e: Evidence, setting: Setting) -> Decision:
    """The difference to the last good revision."""
    if (wait := preconditions(e, starts_as(e, "invalid_task_definition"), setting)) is not None:
        return wait
    bad, good = e.setup.or_none(), e.good_setup.or_none()
    known = bad is not None and good is not None and bool(good.arn) and bad.arn != good.arn
    found = differences(good, bad) if known and bad and good else ()
    named = short(good.arn) if good and known else ""
    return tell_differences(found, ADVICE, short(bad.arn) if bad else "", named)


CAUSE = Cause(
    id="invalid_task_definition",
    title=Text("invalid task definition", "タスク定義の不備"),
    holds=holds,
    fixes=(roll_back, tell_changes),
    advice=ADVICE,
    confirm=Text(
        "The image is there and the network answers, but a setting of the revision cannot be carried out: a secret, a"
        " volume, a log driver, an entry point or an environment file; the last good revision has it otherwise.",
        "イメージは存在し通信もできるが、リビジョンの設定（シークレット、ボリューム、ログドライバー、エントリーポイント、"
        "環境ファイル）を適用できない。直近の正常なリビジョンではその設定が異なる。",
    ),
    look=(
        *LOOK_AT_STOPS,
        "aws ecs describe-task-definition --task-definition <task-definition>",
        "aws ecs describe-task-definition --task-definition <last-good-task-definition>",
    ),
)


def tell_differences(found: Sequence[Difference], advice: Text, bad: str, good: str) -> Advise:
    """What the revision has otherwise than the last good one, with the commands that show both."""
    shown = tuple(f"aws ecs describe-task-definition --task-definition {r}" for r in (bad, good) if r)
    if not found:
        return Advise(advice, shown)
    listed = same("; ".join(f"{d.place}: {d.good} -> {d.bad}" for d in found[:5]))
    return Advise(
        advice + Text(" Changed since the last good revision: ", "直近の正常なリビジョンからの変更: ") + listed, shown
    )
