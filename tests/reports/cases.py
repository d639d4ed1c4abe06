"""Cases as the workflow makes them, built by hand: one for each way an incident can stand."""

from dataclasses import replace

from remediator.core.model import Fact, Incident, Resource, Signal, Verdict
from remediator.core.plan import Advise, Call, Change, Copy, Grant, Plan, Watch
from remediator.core.settings import Settings
from remediator.core.text import Text, same
from remediator.core.timestamps import after
from remediator.gates.answers import Ask, Permit, Refusal
from remediator.incidents.case import Approval, Case
from remediator.incidents.diagnosis import ConfirmedCause, Diagnosis, Excluded, Open
from remediator.incidents.response_clocks import Acknowledged, Moments, four_clocks

SETTINGS = Settings()
ACCOUNT = "123456789012"
REGION = "ap-northeast-1"
SERVICE = Resource("ecs_service", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/portfolio-cluster/portfolio-api-service")
DEFINITION = f"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/portfolio-api"
WHERE = {"cluster": "portfolio-cluster", "service": "portfolio-api-service"}
STOPS = "ecs:ListTasks, ecs:DescribeTasks"
TASK = "4f2c9d1be6a74f0d9b35c8a1e07d6f42"
OPENED = "2026-11-23T02:52:10.000Z"
READ = "2026-11-23T02:52:31.000Z"


def fact(en, ja, value, source=STOPS, at=READ):
    return Fact(Text(en, ja), value, source, at)


SIGNALS = tuple(
    Signal(kind="ecs_task_stopped", resource=SERVICE, level="high", at=f"2026-11-23T02:5{n}:02.000Z", key=f"task-{n}")
    for n in (0, 1, 2)
)
INCIDENT = Incident(
    id="3f9a1c2b7d40",
    runbook="ecs_task_restarting",
    resource=SERVICE,
    level="high",
    opened_at=OPENED,
    signals=SIGNALS,
    signal_count=3,
    state="running",
    workload="portfolio",
)
ABOUT = (
    fact("since", "発生時刻", "2026-11-23T02:46:58.000Z"),
    fact(
        "requests / failed, last 15 min", "リクエスト数 / 失敗率（15 分）", "1,240 / 18.4 %", "cloudwatch:GetMetricData"
    ),
    fact("tasks running / desired", "実行中 / 必要タスク数", "1 / 2", "ecs:DescribeServices"),
)
OUT_OF_MEMORY = ConfirmedCause(
    "ecs_task_restarting.out_of_memory",
    Text("out of memory", "メモリ不足"),
    Text(
        "Find out why memory grew: a leak comes back with more memory too",
        "メモリが増えた原因を調べてください。リークであれば増量しても再発します",
    ),
    (
        fact("such stops in the last hour", "直近 1 時間の同種の停止", "3"),
        fact(
            f"newest, task {TASK}", f"最新の停止タスク {TASK}", "OutOfMemoryError: Container killed due to memory usage"
        ),
        fact(
            "its containers", "そのコンテナ", "app: exit 137 (OutOfMemoryError: Container killed due to memory usage)"
        ),
        fact("highest MemoryUtilization", "MemoryUtilization 最大値", "100 %", "cloudwatch:GetMetricData"),
        fact("task memory", "タスクのメモリ", "1024 MiB (portfolio-api:42)", "ecs:DescribeTaskDefinition"),
    ),
)
NOT_HEALTH = Excluded(
    "ecs_task_restarting.health_check_failing",
    Text("health check failing", "ヘルスチェック失敗"),
    Text("no task was stopped by a health check", "ヘルスチェックで停止したタスクはありません"),
)
NOT_APPLICATION = Excluded(
    "ecs_task_restarting.application_error",
    Text("application error", "アプリケーションエラー"),
    Text("no container ended with an error of its own", "アプリケーション自身のエラーで終了したコンテナはありません"),
)
DIAGNOSIS = Diagnosis((OUT_OF_MEMORY,), (NOT_HEALTH, NOT_APPLICATION), ())
RAISE = Plan(
    runbook="ecs_task_restarting",
    cause="ecs_task_restarting.out_of_memory",
    fix="raise_memory",
    title=Text("Raise memory: 1024 -> 2048 MiB", "メモリを増やす: 1024 -> 2048 MiB"),
    resource=SERVICE,
    calls=(
        Call(
            action="ecs:RegisterTaskDefinition",
            parameters={"memory": "2048"},
            arn=f"{DEFINITION}:*",
            also=(Grant("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/portfolio-task"),),
            copy=Copy(
                action="ecs:DescribeTaskDefinition",
                parameters={"taskDefinition": f"{DEFINITION}:42"},
                at="taskDefinition",
                keep=("family", "cpu", "memory"),
            ),
        ),
        Call(
            action="ecs:UpdateService",
            parameters={**WHERE, "taskDefinition": "${0.taskDefinition.taskDefinitionArn}"},
            arn=SERVICE.arn,
        ),
    ),
    before={"taskDefinition": "portfolio-api:42", "memory_mib": "1024"},
    after={"taskDefinition": "portfolio-api: next revision", "memory_mib": "2048"},
    undo=(
        Call(action="ecs:UpdateService", parameters={**WHERE, "taskDefinition": f"{DEFINITION}:42"}, arn=SERVICE.arn),
    ),
    cost_per_month_usd=8.07,
    keep=Text("Memory of the AWS::ECS::TaskDefinition", "AWS::ECS::TaskDefinition の Memory"),
)
ROLL_BACK = replace(
    RAISE,
    cause="ecs_task_restarting.application_error",
    fix="roll_back",
    title=Text(
        "Roll the service back: portfolio-api:43 -> portfolio-api:42",
        "サービスをロールバック: portfolio-api:43 -> portfolio-api:42",
    ),
    calls=(
        Call(action="ecs:UpdateService", parameters={**WHERE, "taskDefinition": f"{DEFINITION}:42"}, arn=SERVICE.arn),
    ),
    before={"taskDefinition": "portfolio-api:43"},
    after={"taskDefinition": "portfolio-api:42"},
    undo=(
        Call(action="ecs:UpdateService", parameters={**WHERE, "taskDefinition": f"{DEFINITION}:43"}, arn=SERVICE.arn),
    ),
    cost_per_month_usd=None,
    keep=Text("the TaskDefinition of the AWS::ECS::Service", "AWS::ECS::Service の TaskDefinition"),
)
LONGER_GRACE = replace(
    ROLL_BACK,
    cause="ecs_task_restarting.health_check_failing",
    fix="lengthen_grace",
    title=Text("Lengthen the health-check grace period: 30 -> 120 s", "ヘルスチェックの猶予期間を延ばす: 30 -> 120 秒"),
    calls=(
        Call(action="ecs:UpdateService", parameters={**WHERE, "healthCheckGracePeriodSeconds": 120}, arn=SERVICE.arn),
    ),
    before={"healthCheckGracePeriodSeconds": "30"},
    after={"healthCheckGracePeriodSeconds": "120"},
    undo=(
        Call(action="ecs:UpdateService", parameters={**WHERE, "healthCheckGracePeriodSeconds": 30}, arn=SERVICE.arn),
    ),
    keep=Text(
        "HealthCheckGracePeriodSeconds of the AWS::ECS::Service", "AWS::ECS::Service の HealthCheckGracePeriodSeconds"
    ),
    worse=Text("the share of failed requests rose", "失敗リクエストの割合が上昇"),
)
PERMITS = (
    Permit("opt_in"),
    Permit("kill_switch"),
    Permit("plan", part="approval"),
    Permit("plan", part="unchanged"),
    Permit("change_limits", part="lock"),
)
CHANGE = Change(
    plan=RAISE,
    applied_at="2026-11-23T02:53:05.000Z",
    requests=(
        "ecs:RegisterTaskDefinition 5f0c1f6e-1d7c-4f0a-9a77-0e6b1f1f2b11",
        "ecs:UpdateService 8a2d0b77-52e1-4f5b-bb39-6b0c8a0f4c22",
    ),
)
AFTER = "2026-11-23T03:06:40.000Z"
PROOF = (
    fact("tasks running / desired", "実行中 / 必要タスク数", "2 / 2", "ecs:DescribeServices", AFTER),
    fact("stops of this kind since", "その後の同種の停止", "0", STOPS, AFTER),
    fact("quiet for", "停止がない時間", "620 s (>= 600 s)", STOPS, AFTER),
    fact("healthy targets", "正常なターゲット", "2 / 2", "elasticloadbalancing:DescribeTargetHealth", AFTER),
    fact("endpoint answered", "エンドポイントの応答", "HTTP 200", "HTTP GET", AFTER),
)
BAD_PROOF = (
    fact("tasks running / desired", "実行中 / 必要タスク数", "1 / 2", "ecs:DescribeServices", AFTER),
    fact("stops of this kind since", "その後の同種の停止", "2", STOPS, AFTER),
)
FIRST = Case(
    stage="first",
    at="2026-11-23T02:52:40.000Z",
    incident=INCIDENT,
    title=Text("ECS tasks restart again and again", "ECS タスクが再起動を繰り返す"),
    symptom=Text("tasks start and stop again soon after", "タスクが起動後すぐに停止する"),
    mode="auto",
    about=ABOUT,
    diagnosis=DIAGNOSIS,
    decision=RAISE,
    answers=PERMITS[:1],
)
FINAL = replace(FIRST, stage="final", at="2026-11-23T03:06:45.000Z", answers=PERMITS)
OOM_FIXED = replace(FINAL, change=CHANGE, proof=PROOF, verdict=Verdict.FIXED, stack="portfolio-prod")
NOT_OPTED_IN = Refusal(
    "opt_in", Text("not opted in (no auto-remediation tag)", "オプトインされていません（auto-remediation タグなし）")
)
UNTAGGED = replace(FIRST, mode="observe", answers=(NOT_OPTED_IN,))
SWITCH_OFF = replace(
    FINAL,
    stage="update",
    at="2026-11-23T02:52:58.000Z",
    answers=(Permit("opt_in"), Refusal("kill_switch", Text("the switch is at off", "スイッチが off です"))),
)
ASKS = (
    Ask("opt_in", Text("tagged auto-remediation=approve", "タグが auto-remediation=approve です")),
    Permit("kill_switch"),
    Permit("plan", part="approval"),
    Permit("plan", part="unchanged"),
)
QUESTION = Approval(reference=f"{INCIDENT.id}-{RAISE.short_hash}", expires_at="2026-11-23T03:52:58.000Z")
ASK = replace(FINAL, stage="ask", at="2026-11-23T02:52:58.000Z", mode="approve", answers=ASKS, approval=QUESTION)
YES = replace(QUESTION, answer="approve", by="arn:aws:sts::123456789012:assumed-role/on-call/hanako")
APPROVED = replace(OOM_FIXED, mode="approve", answers=(*ASKS, Permit("change_limits", part="lock")), approval=YES)
MOVED = Text("the situation moved since the plan was made: ", "計画後に状況が変わりました: ")
STALE = replace(
    ASK,
    stage="update",
    at="2026-11-23T03:20:00.000Z",
    approval=YES,
    answers=(
        *ASKS[:3],
        Refusal("plan", MOVED + Text("Watching for a second stop.", "再発を監視します。"), "unchanged"),
    ),
)
NOBODY = replace(ASK, stage="update", at="2026-11-23T03:53:00.000Z", approval=replace(QUESTION, answer="expired"))
TRACE = ConfirmedCause(
    "ecs_task_restarting.application_error",
    Text("application error", "アプリケーションエラー"),
    Text(
        "Read the stack trace and fix the release before it is deployed again",
        "スタックトレースを確認し、修正してから再デプロイしてください",
    ),
    (
        fact("such stops in the last hour", "直近 1 時間の同種の停止", "4"),
        fact(
            "last words in ecs/app/" + TASK,
            "最後のログ ecs/app/" + TASK,
            "ModuleNotFoundError: No module named 'orjson'",
            "logs:GetLogEvents",
        ),
    ),
)
ROLLED_BACK = replace(
    FINAL,
    diagnosis=Diagnosis((TRACE,), (NOT_HEALTH,), ()),
    decision=ROLL_BACK,
    change=replace(CHANGE, plan=ROLL_BACK, requests=CHANGE.requests[1:]),
    proof=PROOF,
    verdict=Verdict.FIXED,
    stack="portfolio-prod",
)
KILLED_EARLY = ConfirmedCause(
    "ecs_task_restarting.health_check_failing",
    Text("health check failing", "ヘルスチェック失敗"),
    Text(
        "Make the start faster or keep the longer grace period", "起動を速くするか、延ばした猶予期間を維持してください"
    ),
    (
        fact("those tasks lived", "停止までの時間", "48-61 s"),
        fact("grace period", "猶予期間", "30 s", "ecs:DescribeServices"),
    ),
)
GRACE = replace(CHANGE, plan=LONGER_GRACE, requests=CHANGE.requests[1:])
UNDONE = replace(
    FINAL,
    diagnosis=Diagnosis((KILLED_EARLY,), (), ()),
    decision=LONGER_GRACE,
    change=GRACE,
    undone=replace(GRACE, applied_at="2026-11-23T03:05:12.000Z"),
    proof=(
        fact(
            "failed requests, 15 min", "失敗リクエスト（15 分）", "18.4 % -> 61.0 %", "cloudwatch:GetMetricData", AFTER
        ),
    ),
    verdict=Verdict.NOT_FIXED,
    stack="portfolio-prod",
)
WATCHED = Watch(
    Text(
        "the service's own circuit breaker rolls back; the program does not fight it",
        "サービス自身のサーキットブレーカーがロールバックするため、様子を見ます",
    ),
    900,
)
WATCHING = replace(FIRST, decision=WATCHED, answers=())
RECOVERED = replace(
    WATCHING, stage="final", at="2026-11-23T03:06:45.000Z", proof=PROOF, verdict=Verdict.RECOVERED_WITHOUT_US
)
NOT_FIXED = replace(
    FINAL, change=replace(CHANGE, certain=False, requests=()), proof=BAD_PROOF, verdict=Verdict.NOT_FIXED
)
DENIED = (
    f"Denied: logs:GetLogEvents is not allowed: User: arn:aws:sts::{ACCOUNT}:assumed-role/remediator/remediate is not "
    "authorized to perform: logs:GetLogEvents"
)
CANNOT_TELL = replace(
    FINAL,
    decision=Advise(
        Text("Not decided: the log could not be read", "ログを読み取れず、判断できません"),
        ("aws logs tail /aws/ecs/portfolio-api --since 1h",),
    ),
    answers=(),
    diagnosis=Diagnosis(
        (), (NOT_HEALTH,), (Open("ecs_task_restarting.application_error", NOT_APPLICATION.title, DENIED),)
    ),
    gaps={"last_words": DENIED, "traffic": "Retryable: cloudwatch:GetMetricData: ThrottlingException: Rate exceeded"},
    verdict=Verdict.CANNOT_TELL,
)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
HOSTILE_TEXT = (
    "<!here> <!channel> <@U024BE7LH> @everyone <https://evil.example/x|reset> [click](https://evil.example) *bold* _it_ ~no~ "
    "`code` ```block``` <script>alert(1)</script>\nUNDO     rm -rf /\n\x1b[31mred\x1b[0m \u202egnp.exe\u202c zero\u200bwidth "
    f"DB_PASSWORD=hunter2secret AWS_SECRET_ACCESS_KEY={SECRET} postgres://app:p4ssw0rd@db/x "
    + "&<>" * 200
    + "A" * 4_000
)
HOSTILE_FACT = fact("newest, task <!here>", "最新の停止タスク <!here>", HOSTILE_TEXT)
HOSTILE = replace(
    OOM_FIXED,
    title=same(HOSTILE_TEXT),
    symptom=same(HOSTILE_TEXT),
    about=(HOSTILE_FACT, HOSTILE_FACT),
    gaps={HOSTILE_TEXT[:300]: HOSTILE_TEXT},
    diagnosis=Diagnosis(
        (replace(OUT_OF_MEMORY, title=same(HOSTILE_TEXT), advice=same(HOSTILE_TEXT), facts=(HOSTILE_FACT,) * 40),),
        (Excluded(HOSTILE_TEXT, same(HOSTILE_TEXT), same(HOSTILE_TEXT)),) * 10,
        (Open(HOSTILE_TEXT, same(HOSTILE_TEXT), HOSTILE_TEXT),) * 10,
    ),
    answers=(Refusal(HOSTILE_TEXT, same(HOSTILE_TEXT)), *PERMITS),
    proof=(HOSTILE_FACT,) * 5,
    stack=HOSTILE_TEXT,
    note=same(HOSTILE_TEXT),
)
REPLAYED = replace(FIRST, incident=replace(INCIDENT, id="replay-77aa", origin="replay"))
NO_UNDO = replace(
    OOM_FIXED,
    change=replace(
        CHANGE,
        plan=replace(
            RAISE, undo=(), no_undo=Text("a deployment cannot be un-forced", "デプロイのやり直しは取り消せないため")
        ),
    ),
    stack=None,
)

REFUSED = replace(ASK, stage="update", approval=replace(QUESTION, answer="refuse", by="hanako"))
CLOCKS = four_clocks(
    INCIDENT.opened_at,
    Moments(situation=after(INCIDENT.opened_at, 55), cause=after(INCIDENT.opened_at, 50)),
    after(INCIDENT.opened_at, 901),
)
ESCALATED = replace(
    NOBODY,
    stage="escalation",
    verdict=None,
    at=after(INCIDENT.opened_at, 901),
    approval=None,
    answers=PERMITS[:1],
    clocks=CLOCKS,
    late=CLOCKS[1],
)
ESCALATED_QUESTION = replace(ASK, stage="escalation", at=after(INCIDENT.opened_at, 901), clocks=CLOCKS, late=CLOCKS[1])
TAKEN_OVER = replace(
    NOBODY,
    stage="final",
    at=after(INCIDENT.opened_at, 3700),
    verdict=Verdict.NOT_FIXED,
    clocks=four_clocks(
        INCIDENT.opened_at,
        Moments(situation=after(INCIDENT.opened_at, 55), response=after(INCIDENT.opened_at, 420)),
        after(INCIDENT.opened_at, 3700),
    ),
    acknowledged=Acknowledged(by="arn:aws:iam::123456789012:user/hanako", at=after(INCIDENT.opened_at, 420)),
)
ADVISED = replace(
    CANNOT_TELL,
    stage="first",
    at=FIRST.at,
    verdict=None,
    note=Text("the log group has no stream of this task", "このタスクのログストリームがありません"),
)
UNTAGGED_ROLL_BACK = replace(
    ROLLED_BACK, change=None, verdict=None, stage="first", at=FIRST.at, answers=(NOT_OPTED_IN,)
)
UNDONE_FOR_NO_METRIC = replace(
    UNDONE, undone=replace(GRACE, plan=replace(LONGER_GRACE, worse=None), applied_at="2026-11-23T03:05:12.000Z")
)
LEDGER_AWAY = replace(
    SWITCH_OFF,
    answers=(
        *PERMITS[:4],
        Refusal("change_limits", Text("the ledger cannot be reached", "台帳に接続できません"), "lock"),
    ),
)

RECOVERED_BEFORE_IT = replace(OOM_FIXED, verdict=Verdict.RECOVERED_WITHOUT_US)

CASES = {
    "out_of_memory_first_report": FIRST,
    "out_of_memory_fixed": OOM_FIXED,
    "untagged": UNTAGGED,
    "kill_switch_off": SWITCH_OFF,
    "approval_open": ASK,
    "approved": APPROVED,
    "stale_approval": STALE,
    "nobody_answered": NOBODY,
    "rolled_back": ROLLED_BACK,
    "made_worse_and_undone": UNDONE,
    "watching": WATCHING,
    "recovered_without_us": RECOVERED,
    "recovered_before_the_change_worked": RECOVERED_BEFORE_IT,
    "not_fixed": NOT_FIXED,
    "cannot_tell": CANNOT_TELL,
    "replay": REPLAYED,
    "no_undo": NO_UNDO,
    "refused_by_a_person": REFUSED,
    "escalation": ESCALATED,
    "escalated_question": ESCALATED_QUESTION,
    "taken_over": TAKEN_OVER,
    "advised": ADVISED,
    "untagged_roll_back": UNTAGGED_ROLL_BACK,
    "undone_for_no_metric": UNDONE_FOR_NO_METRIC,
    "ledger_away": LEDGER_AWAY,
    "hostile": HOSTILE,
}
