"""Row `ecs_task_not_starting.insufficient_resources`.

ECS could not place the task, or Fargate had no room for it, or does not run that size.
"""

from dataclasses import replace

from ...core.model import Fact, Resource
from ...core.plan import WATCH_S, Advise, Call, Decision, Plan, Watch
from ...core.ports import Permission
from ...core.runbook import Cause, Finding, Holds, RuledOut, Setting, writes
from ...core.text import Text
from ...core.timestamps import seconds_between
from ...resources.ecs.capacity import Instance, largest_left, nearest_fargate, room, valid_on_fargate, wanted
from ...resources.ecs.model import Service, TaskDefinition
from ...resources.ecs.plans.revision import move_to_copy, register_copy
from ...resources.ecs.plans.rollback import short
from .evidence import Evidence
from .facts import ID, NONE_SUCH, SERVICE_ARN
from .failed_starts import Starts, preconditions, start_facts, starts_as

NOT_A_SIZE = Text("Fargate does not run tasks of that size", "Fargate では無効なタスクサイズです")
LOOK_AT_EVENTS = (
    "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].events[:10].message'"
)
WAITING = Text(
    "Fargate has no capacity for the task at this moment. ECS keeps trying by itself; watching.",
    "現在 Fargate のキャパシティが不足しています。ECS が自動で再試行するため、監視を続けます。",
)
VALID_SIZE = Text("The size of the task is one that Fargate runs.", "タスクのサイズは Fargate で有効な組み合わせです。")


def wrong_size(service: Service, definition: TaskDefinition) -> bool:
    """Whether the revision names a size that Fargate does not run."""
    both = definition.cpu_units is not None and definition.memory_mib is not None
    return service.launch == "FARGATE" and both and not valid_on_fargate(definition.cpu_units, definition.memory_mib)


def room_starts(e: Evidence) -> Starts:
    """Starts that failed for lack of room: by AWS's words, or any where the task has a size that Fargate does not run."""
    starts = starts_as(e, "insufficient_resources")
    if starts.count:
        return starts
    service, definition = e.service.or_none(), e.definition.or_none()
    if service is None or definition is None or not wrong_size(service, definition):
        return Starts()
    return replace(starts_as(e, None), because=NOT_A_SIZE)


def room_facts(e: Evidence) -> tuple[Fact, ...]:
    """The task's size against Fargate's table, or against what the instances have left."""
    service, definition = e.service.or_none(), e.definition.or_none()
    if service is None or definition is None:
        return ()
    size = "{} / {}".format(*wanted(definition))
    facts = [e.definition.fact(Text("task size (CPU units / MiB)", "タスクサイズ（CPU ユニット / MiB）"), size)]
    if service.launch == "FARGATE":
        answer = "no" if wrong_size(service, definition) else "yes"
        facts.append(e.definition.fact(Text("a pair that Fargate runs", "Fargate で有効な組み合わせか"), answer))
    elif (instances := e.instances.or_none()) is not None:
        fits = room(instances, *wanted(definition))
        left = "{} / {}".format(*largest_left(instances))
        with_room = Text("container instances with room / all", "空きのあるコンテナインスタンス / 全体")
        facts.append(e.instances.fact(with_room, f"{fits} / {len(instances)}"))
        facts.append(e.instances.fact(Text("most that one has left", "1 台あたりの空きの最大"), left))
    return tuple(facts)


def plan_size(service: Service, old: TaskDefinition, cause: str, runbook: str) -> Plan:
    """Always asked: nobody but the owner knows which of the two figures was meant.

    Args:
        service: as it is now.
        old: the revision whose size Fargate does not run; both of its figures are set.
        cause: row of the guide.
        runbook: whose fix role makes the calls.
    """
    cpu, memory_mib = nearest_fargate(old.cpu_units or 0, old.memory_mib or 0)
    was, then = f"{old.cpu_units} / {old.memory_mib}", f"{cpu} / {memory_mib}"
    back = {"cluster": service.cluster, "service": service.name, "taskDefinition": old.arn}
    return Plan(
        runbook=runbook,
        cause=cause,
        fix="correct_size",
        title=Text(
            f"A size that Fargate runs (CPU units / MiB): {was} -> {then}",
            f"Fargate で有効なサイズに変更（CPU ユニット / MiB）: {was} -> {then}",
        ),
        resource=Resource("ecs_service", service.arn),
        calls=(register_copy(old, {"cpu": str(cpu), "memory": str(memory_mib)}), move_to_copy(service)),
        before={"taskDefinition": short(old.arn), "cpu / memory_mib": was},
        after={"taskDefinition": f"{old.family}: next revision", "cpu / memory_mib": then},
        undo=(Call(action="ecs:UpdateService", parameters=back, arn=service.arn),),
        response="ask",
        ask_because=Text(
            "the size sets what each task may use and costs; only its owner knows which figure was meant",
            "サイズは各タスクの性能と費用を左右し、どちらの値が意図されたものかは所有者にしか分かりません",
        ),
        keep=Text("Cpu and Memory of the AWS::ECS::TaskDefinition", "AWS::ECS::TaskDefinition の Cpu と Memory"),
    )


def no_capacity(service: Service) -> Advise:
    """Fargate stays without capacity: what widens the choice, and the on-demand way where only Spot is used."""
    vpc = service.network.get("awsvpcConfiguration", {})
    count = len(vpc.get("subnets", ()))
    more = Text(
        f"The service names {count} subnet(s): add subnets in other zones, so that ECS can choose.",
        f"サービスのサブネットは {count} 個です。別のゾーンのサブネットを追加すると、ECS が配置先を選べます。",
    )
    more += Text(
        " Where the reason names a limit of the account, ask for a higher quota.",
        "理由がアカウントの上限を示している場合は、クォータの引き上げを申請してください。",
    )
    subnets = ",".join([*vpc.get("subnets", ()), "<subnet-in-another-zone>"])
    groups = ",".join(vpc.get("securityGroups", ()))
    public = vpc.get("assignPublicIp", "DISABLED")
    network = f"awsvpcConfiguration={{subnets=[{subnets}],securityGroups=[{groups}],assignPublicIp={public}}}"
    where = f"--cluster {service.cluster} --service {service.name}"
    commands = [
        f"aws ecs update-service {where} --network-configuration '{network}'",
        "aws service-quotas list-service-quotas --service-code fargate",
    ]
    if service.providers == ("FARGATE_SPOT",):
        more += Text(
            " It runs on Spot alone; on-demand capacity costs more, so a person decides.",
            "Spot のみで稼働しています。オンデマンドは費用が増えるため、人が判断してください。",
        )
        both = "capacityProvider=FARGATE,base=1,weight=1 capacityProvider=FARGATE_SPOT,weight=1"
        commands.append(f"aws ecs update-service {where} --capacity-provider-strategy {both} --force-new-deployment")
    return Advise(more, tuple(commands))


def no_room(service: Service, instances: tuple[Instance, ...], cpu: int, memory_mib: int) -> Advise:
    """What the cluster's instances have left, against what the task wants."""
    fits, (cpu_left, mib_left) = room(instances, cpu, memory_mib), largest_left(instances)
    text = Text(
        f"{fits} of {len(instances)} container instances have room for {cpu} CPU units and {memory_mib} MiB; the most"
        f" that one has left is {cpu_left} units and {mib_left} MiB.",
        f"CPU {cpu} ユニットとメモリ {memory_mib} MiB の空きがあるコンテナインスタンスは {len(instances)} 台中 {fits} 台で、"
        f"1 台あたりの空きの最大は CPU {cpu_left} ユニット、メモリ {mib_left} MiB です。",
    )
    return Advise(
        text,
        (
            (
                f"aws ecs describe-container-instances --cluster {service.cluster} --container-instances "
                f"$(aws ecs list-container-instances --cluster {service.cluster} --query containerInstanceArns --output text) "
                "--query 'containerInstances[].[ec2InstanceId,remainingResources[?name==`CPU`||name==`MEMORY`]]'"
            ),
            "aws autoscaling set-desired-capacity --auto-scaling-group-name <group> --desired-capacity <count>",
        ),
    )


def holds(e: Evidence, _: Setting) -> Finding:
    """ECS could not place the task, or Fargate had no room for it, or does not run that size."""
    starts = room_starts(e)
    return Holds((*start_facts(e, starts), *room_facts(e)), starts.weight) if starts.count else RuledOut(NONE_SUCH)


@writes(
    Permission("ecs:RegisterTaskDefinition", "arn:{partition}:ecs:{region}:{account}:task-definition/*:*"),
    Permission("ecs:UpdateService", SERVICE_ARN),
    Permission("iam:PassRole", "arn:{partition}:iam::{account}:role/*", called=False),
    does=Text(
        "asks to register the nearest size that Fargate runs",
        "Fargate で有効な最も近いサイズの登録について承認を求める",
    ),
)
def correct_size(e: Evidence, setting: Setting) -> Decision:
    """A copy of the revision with the nearest valid CPU and memory, and the service moved to it."""
    if (wait := preconditions(e, room_starts(e), setting)) is not None:
        return wait
    service, definition = e.service.get(), e.definition.get()
    if not wrong_size(service, definition) or service.task_definition != definition.arn:
        return Advise(VALID_SIZE)
    return plan_size(service, definition, f"{ID}.insufficient_resources", ID)


@writes(
    does=Text(
        "watches Fargate's capacity come back, then tells", "Fargate のキャパシティ回復を監視し、戻らなければ知らせる"
    )
)
def wait_for_room(e: Evidence, setting: Setting) -> Decision:
    """ECS tries again by itself; after a quarter of an hour a person is told what widens the choice."""
    service = e.service.get()
    if service.launch != "FARGATE":
        return no_room(service, e.instances.get(), *wanted(e.definition.get()))
    if seconds_between(setting.opened_at or setting.now, setting.now) < WATCH_S:
        return Watch(WAITING, WATCH_S)
    return no_capacity(service)


CAUSE = Cause(
    id="insufficient_resources",
    title=Text("insufficient resources", "リソース不足"),
    holds=holds,
    fixes=(correct_size, wait_for_room),
    advice=Text(
        "Give the task what it needs room for: another zone or subnet, more instances, or a size that fits.",
        "配置できる余地を確保してください。別のアベイラビリティーゾーンやサブネット、インスタンスの追加、"
        "または収まるサイズへの変更が有効です。",
    ),
    confirm=Text(
        "ECS says that it cannot place a task, or that Fargate has no capacity, and no container was even pulled;"
        " or CPU and memory are not a pair of Fargate's table.",
        "ECS がタスクを配置できない、または Fargate のキャパシティがないと通知しており、イメージの取得も始まっていない。"
        "あるいは CPU とメモリの組み合わせが Fargate の表にない。",
    ),
    look=(
        LOOK_AT_EVENTS,
        "aws ecs describe-task-definition --task-definition <task-definition> --query 'taskDefinition.[cpu,memory]'",
        (
            "aws ecs describe-container-instances --cluster <cluster> --container-instances <instance> "
            "--query 'containerInstances[].[ec2InstanceId,remainingResources]'"
        ),
    ),
)
