"""Stories about tasks that stop again and again."""

from remediator.core.text import Text

from .. import applications as programs
from ..acts import approve, recovers, refuse
from ..beginnings.ecs_task_restarting import (
    RIGHT_AFTER_S,
    another_plan,
    ill,
    new_release,
    on_ec2,
    one_off,
    recovers_while_new_tasks_wait,
    released,
    scaled_in,
    storm,
    switched_off,
    while_scaling,
    without_logs,
)
from ..laptop import Act
from . import Ending, Scenario

OUT_OF_MEMORY = "ecs_task_restarting.out_of_memory"
HEALTH_CHECK = "ecs_task_restarting.health_check_failing"
APPLICATION_ERROR = "ecs_task_restarting.application_error"
APPROVE = {"auto-remediation": "approve"}


TO_BE_ASKED = ill(programs.LEAKS, APPROVE)  # its owner wants to be asked


SCENARIOS = (
    Scenario(
        name="out-of-memory",
        title=Text("Tasks are killed for memory", "メモリ不足でタスクが停止"),
        shows=Text(
            "a new revision with the next valid Fargate memory ends the loop; proved over twice the time between kills",
            "Fargate で有効な次のメモリサイズの新リビジョンで再起動が止まり、停止間隔の 2 倍の時間で確認する",
        ),
        begin=ill(programs.LEAKS),
        expected=Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="fixed"),
    ),
    Scenario(
        name="out-of-memory-ec2",
        title=Text("The same on EC2: a person is asked and refuses", "EC2 起動タイプでは人に確認し、拒否される"),
        shows=Text(
            "on EC2 the instance must have the memory, so a person decides; a refusal changes nothing",
            "EC2 ではインスタンスの空きメモリが必要なため人が判断し、拒否されれば何も変更しない",
        ),
        begin=on_ec2,
        acts=(Act(after_question_s=300, do=refuse),),
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="refuse"),
    ),
    Scenario(
        name="slow-start",
        title=Text("Health checks kill tasks while they start", "起動中のタスクがヘルスチェックで停止"),
        shows=Text(
            "a longer grace period lets the tasks finish their start",
            "猶予期間を延ばすとタスクが起動を完了できる",
        ),
        begin=ill(programs.STARTS_SLOWLY),
        expected=Ending(cause=HEALTH_CHECK, action="lengthen_grace", verdict="fixed"),
    ),
    Scenario(
        name="bad-release",
        title=Text("A release passes, then fails its health check", "リリース後にヘルスチェックが失敗"),
        shows=Text(
            "back to the last good revision, because the symptom came with the deployment",
            "症状がデプロイとともに始まったため、直近の正常なリビジョンに戻す",
        ),
        begin=released(programs.TURNS_SICK),
        expected=Ending(cause=HEALTH_CHECK, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="release-in-progress",
        title=Text("A release that never gets healthy is still rolling out", "デプロイ進行中に正常にならない"),
        shows=Text(
            "the deployment in progress is stopped with ROLLBACK, not fought with a second one",
            "進行中のデプロイは別のデプロイで上書きせず、ROLLBACK で停止する",
        ),
        begin=released(programs.NEVER_READY),
        expected=Ending(cause=HEALTH_CHECK, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="circuit-breaker",
        title=Text("The service's own circuit breaker rolls back", "サービス自身のサーキットブレーカーがロールバック"),
        shows=Text("another robot is at work: it is watched", "別の自動処理が動作中のため見守る"),
        begin=released(programs.NEVER_READY, breaker_rolls_back=True),
        expected=Ending(cause=HEALTH_CHECK, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="crash-after-release",
        title=Text("The new release ends with an error of its own", "新リリースがエラーで終了"),
        shows=Text("rolled back, and the stack trace is told", "ロールバックし、スタックトレースを報告する"),
        begin=released(programs.CRASHES),
        expected=Ending(cause=APPLICATION_ERROR, action="roll_back", verdict="fixed"),
    ),
    Scenario(
        name="crash",
        title=Text("The application ends with an error; nobody deployed", "デプロイなしでアプリケーションがエラー終了"),
        shows=Text(
            "nothing to change: the first stack trace is told, with its secret redacted",
            "変更せず、秘密情報を伏せて最初のスタックトレースを報告する",
        ),
        begin=ill(programs.CRASHES),
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="scale-in",
        title=Text("A scale-in that ends with exit code 137", "終了コード 137 のスケールイン"),
        shows=Text("normal: nothing is opened", "正常動作のためインシデントは作成されない"),
        begin=scaled_in,
        lasts_s=600,
        expected=Ending(incidents=0),
    ),
    Scenario(
        name="untagged",
        title=Text("A service that has not opted in", "オプトインしていないサービス"),
        shows=Text(
            "told what would have been done, and how to opt in", "実施するはずだった内容と有効化の方法を報告する"
        ),
        begin=ill(programs.LEAKS, {}),
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="opt_in"),
    ),
    Scenario(
        name="switch-off",
        title=Text("The kill switch is off", "キルスイッチが停止"),
        shows=Text("the switch is read at the write and refuses", "書き込み直前にスイッチを確認し、拒否する"),
        begin=switched_off,
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="kill_switch"),
    ),
    Scenario(
        name="approved",
        title=Text("A person approves", "人が承認する"),
        shows=Text("what was approved is what is run", "承認された内容だけを実行する"),
        begin=TO_BE_ASKED,
        acts=(Act(after_question_s=240, do=approve),),
        expected=Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="fixed"),
    ),
    Scenario(
        name="stale-approval",
        title=Text("A person approves after the situation moved", "状況が変わった後の承認"),
        shows=Text(
            "every gate runs again after the approval; the plan is stale and dropped",
            "承認後にすべての確認をやり直し、古い計画は破棄する",
        ),
        begin=TO_BE_ASKED,
        acts=(
            Act(after_question_s=120, do=new_release),
            Act(after_question_s=400, do=approve),
        ),
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="recovered_without_us", refusal="plan"),
    ),
    Scenario(
        name="steady-before-the-deployment",
        title=Text("The service is steady before the deployment runs a task", "新しいデプロイのタスク起動前に安定"),
        shows=Text(
            "tasks of the old definition had held long before the new deployment ran one: no credit is claimed",
            "新しいデプロイのタスクが起動する前に元の定義のタスクが安定していたため、修復の成果とはしない",
        ),
        begin=ill(programs.LEAKS),
        acts=(Act(at_s=RIGHT_AFTER_S, do=recovers_while_new_tasks_wait),),
        expected=Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="recovered_without_us"),
    ),
    Scenario(
        name="another-plans-approval",
        title=Text("An approval that names another plan", "別の計画を指す承認"),
        shows=Text("refused with the plan that is asked now", "現在の計画を示して拒否する"),
        begin=TO_BE_ASKED,
        acts=(
            Act(after_question_s=60, do=another_plan),
            Act(after_question_s=120, do=refuse),
        ),
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="refuse"),
    ),
    Scenario(
        name="autoscaling-at-work",
        title=Text("Autoscaling changes the service at that moment", "Auto Scaling がサービスを変更中"),
        shows=Text(
            "another robot is at work: watched and told, nothing is changed",
            "他の自動処理が作業中のため、変更せず見守る",
        ),
        begin=while_scaling,
        expected=Ending(cause=OUT_OF_MEMORY, action="held back", verdict="not_fixed", refusal="automation_in_progress"),
    ),
    Scenario(
        name="worse",
        title=Text("A longer grace period makes it worse", "猶予期間の延長で悪化"),
        shows=Text("the error share rises, so the change is taken back", "エラー率が上がったため変更を元に戻す"),
        begin=ill(programs.WARMS_AND_BLOCKS, tasks=1),
        expected=Ending(cause=HEALTH_CHECK, action="lengthen_grace", undone=True, verdict="not_fixed"),
    ),
    Scenario(
        name="heals-by-itself",
        title=Text("The trouble ends by itself", "自然に回復"),
        shows=Text(
            "proved and said so, without a claim to have fixed it", "修復したとは主張せず、回復を確認して報告する"
        ),
        begin=ill(programs.CRASHES),
        acts=(Act(at_s=400, do=recovers),),
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="recovered_without_us"),
    ),
    Scenario(
        name="single-stop",
        title=Text("One task stops once", "1 回だけのタスク停止"),
        shows=Text("watched: ECS has replaced it", "ECS が置き換え済みのため見守る"),
        begin=ill(programs.CRASHES, tasks=1),
        acts=(Act(at_s=120, do=recovers),),
        expected=Ending(cause=APPLICATION_ERROR, action="watched", verdict="recovered_without_us"),
    ),
    Scenario(
        name="storm",
        title=Text("One stop is told a thousand times", "同じイベントが 1,000 回届く"),
        shows=Text("one incident, one change, one thread", "インシデント、変更、スレッドはいずれも 1 つ"),
        begin=ill(programs.LEAKS),
        acts=(Act(at_s=130, do=storm),),
        expected=Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="fixed"),
    ),
    Scenario(
        name="no-access-to-logs",
        title=Text("The logs may not be read", "ログの読み取り権限がない"),
        shows=Text("the report names the gap; nothing rests on it", "読み取れなかったことを報告し、推測しない"),
        begin=without_logs,
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="not_fixed"),
    ),
    Scenario(
        name="vanished",
        title=Text("The service is gone when it is looked at", "確認時にサービスが存在しない"),
        shows=Text("told, and nothing is changed", "報告のみで変更しない"),
        begin=ill(programs.CRASHES),
        acts=(Act(at_s=103, do=lambda laptop: laptop.world.vanish()),),
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="cannot_tell"),
    ),
    Scenario(
        name="one-off-task",
        title=Text("A one-off task fails", "単発タスクの失敗"),
        shows=Text("no service restarts it, so it is told", "再起動するサービスがないため報告のみ"),
        begin=one_off,
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="cannot_tell"),
    ),
    Scenario(
        name="crash-with-full-memory",
        title=Text("Tasks nearly out of memory end with an error of their own", "メモリがほぼ満杯のタスクがエラー終了"),
        shows=Text(
            "looks like a lack of memory; the exit code and the stack trace say that the application ended by itself",
            "メモリ不足に見えるが、終了コードとスタックトレースからアプリケーション自身の終了と判断する",
        ),
        begin=ill(programs.CRASHES_WITH_FULL_MEMORY),
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="not_fixed"),
        looks_like=OUT_OF_MEMORY,
    ),
    Scenario(
        name="crash-before-the-first-check",
        title=Text("No health check ever succeeds, because tasks end first", "ヘルスチェック成功前にタスクが終了"),
        shows=Text(
            "looks like a failing health check; no check ended these tasks, they end by themselves",
            "ヘルスチェック失敗に見えるが、チェックによる停止ではなく、タスク自身が終了している",
        ),
        begin=ill(programs.CRASHES_AT_ONCE),
        expected=Ending(cause=APPLICATION_ERROR, action="told", verdict="not_fixed"),
        looks_like=HEALTH_CHECK,
    ),
    Scenario(
        name="out-of-memory-with-stack-trace",
        title=Text(
            "A stack trace in the log, but the kernel ends the tasks", "スタックトレースはあるが停止はメモリ不足"
        ),
        shows=Text(
            "looks like an application error; the containers were killed for memory",
            "アプリケーションエラーに見えるが、コンテナはメモリ不足で停止している",
        ),
        begin=ill(programs.LEAKS_AND_COMPLAINS),
        expected=Ending(cause=OUT_OF_MEMORY, action="raise_memory", verdict="fixed"),
        looks_like=APPLICATION_ERROR,
    ),
)
