"""The guide's portfolio in moto: what the product finds in the account, and the product's own ledger, topics and switch."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ecs.exceptions import TaskDefinitionNotFoundException
from moto.ecs.models import ecs_backends

from . import names
from .ecs.tasks import Definition
from .vpc import network
from .vpc.network import Network
from .wire import AwsError

Clients = Callable[[str], Any]
TASK_ROLE = f"arn:aws:iam::{names.ACCOUNT}:role/portfolio-api-task"
EXECUTION_ROLE = f"arn:aws:iam::{names.ACCOUNT}:role/portfolio-api-execution"


NOWHERE = Network("", (), "", "", "", "")


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Names that AWS gives: ARNs of load balancer, target group and topics, URLs of queues."""

    load_balancer: str
    target_group: str
    dns_name: str
    network: Network = NOWHERE
    topics: Mapping[str, str] = field(default_factory=dict)
    inboxes: Mapping[str, str] = field(default_factory=dict)  # level -> URL of the queue that its topic is delivered to

    @property
    def load_balancer_suffix(self) -> str:
        """`app/portfolio-alb/50dc6c495c0c9188`, as metrics and settings name it."""
        return self.load_balancer.partition(":loadbalancer/")[2]

    @property
    def target_group_suffix(self) -> str:
        """`targetgroup/portfolio-api/73e2d6bc24d8a067`, as metrics and settings name it."""
        return "targetgroup/" + self.target_group.partition(":targetgroup/")[2]


def build(clients: Clients) -> Portfolio:
    """Everything but services and tasks, which the fleet has."""
    clients("ecs").create_cluster(clusterName=names.CLUSTER)
    _store(clients)
    _product(clients)
    place = network.build(clients)
    load_balancer, target_group, dns_name = _balance(clients("elbv2"), place)
    clients("scheduler").create_schedule_group(Name=names.LEASE_GROUP)
    topics = {t: clients("sns").create_topic(Name=f"remediator-{t}")["TopicArn"] for t in names.TOPICS}
    inboxes = {t: _inbox(clients, t, arn) for t, arn in topics.items()}
    _roles(clients("iam"))
    place = network.let_out(clients, place)
    return Portfolio(load_balancer, target_group, dns_name, place, topics, inboxes)


def register(  # noqa: PLR0913  # what revisions differ in
    clients: Clients,
    image: str,
    *,
    memory_mib: int = 512,
    launch_type: str = "FARGATE",
    family: str = names.FAMILY,
    cpu_units: int = 256,
    secrets: Mapping[str, str] | None = None,
) -> str:
    """A revision of the API's task definition; its ARN. Secrets by the variable that gets them."""
    container: dict[str, Any] = {
        "name": names.CONTAINER,
        "image": image,
        "essential": True,
        "memory": memory_mib,
        "portMappings": [{"containerPort": names.PORT, "protocol": "tcp"}],
        "environment": [{"name": "PORTFOLIO_TABLE", "value": names.TABLE}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": names.LOG_GROUP,
                "awslogs-region": names.REGION,
                "awslogs-stream-prefix": "api",
            },
        },
    }
    if secrets:
        container["secrets"] = [{"name": name, "valueFrom": arn} for name, arn in secrets.items()]
    if launch_type == "EC2":  # the task has no size of its own there: its container says what is set aside
        container["cpu"] = cpu_units
    size = {"cpu": str(cpu_units), "memory": str(memory_mib)} if launch_type == "FARGATE" else {}
    registered = clients("ecs").register_task_definition(
        family=family,
        networkMode="awsvpc",
        requiresCompatibilities=[launch_type],
        taskRoleArn=TASK_ROLE,
        executionRoleArn=EXECUTION_ROLE,
        containerDefinitions=[container],
        **size,
    )
    return str(registered["taskDefinition"]["taskDefinitionArn"])


def definition(name: str) -> Definition:
    """What of a task definition decides the fate of its tasks; by `family`, `family:revision` or ARN.

    Raises:
        AwsError: there is none of that name.
    """
    try:
        found = ecs_backends[DEFAULT_ACCOUNT_ID][names.REGION].describe_task_definition(name)
    except TaskDefinitionNotFoundException as error:
        raise AwsError("ClientException", "Unable to describe task definition.") from error
    container: Mapping[str, Any] = found.container_definitions[0]
    options = container.get("logConfiguration", {}).get("options", {})
    task_memory_mib = int(found.memory) if found.memory else None
    return Definition(
        arn=found.arn,
        image=container["image"],
        container=container["name"],
        cpu_units=int(found.cpu or 256),
        memory_mib=int(container.get("memory") or task_memory_mib or 512),
        task_memory_mib=task_memory_mib,
        log_group=options.get("awslogs-group", ""),
        log_prefix=options.get("awslogs-stream-prefix", ""),
        execution_role=found.execution_role_arn or "",
        secrets=tuple(s["valueFrom"] for s in container.get("secrets", ())),
    )


def _store(clients: Clients) -> None:
    clients("dynamodb").create_table(
        TableName=names.TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    here = {"LocationConstraint": names.REGION}
    clients("s3").create_bucket(Bucket=names.BUCKET, CreateBucketConfiguration=here)


def _roles(iam: Any) -> None:
    """The roles that the task definition names; the execution role may pull, log and read the portfolio's secrets."""
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for arn in (TASK_ROLE, EXECUTION_ROLE):
        iam.create_role(RoleName=arn.rsplit("/", 1)[-1], AssumeRolePolicyDocument=policy(trust))
    grant(iam, *STARTS)


PULL = (
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
)
LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
STARTS = (*PULL, *LOG)


def grant(iam: Any, *actions: str) -> None:
    """The execution role may do just these."""
    allow = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    name = EXECUTION_ROLE.rsplit("/", 1)[-1]
    iam.put_role_policy(RoleName=name, PolicyName="start", PolicyDocument=policy(allow))


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _product(clients: Clients) -> None:
    clients("dynamodb").create_table(
        TableName=names.LEDGER_TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    clients("ssm").put_parameter(Name=names.SWITCH_PARAMETER, Value="auto", Type="String")


def _balance(elbv2: Any, place: Network) -> tuple[str, str, str]:
    tags = [{"Key": "auto-remediation", "Value": "auto"}]
    balancer = elbv2.create_load_balancer(
        Name="portfolio-alb",
        Subnets=list(place.balancer_subnets),
        SecurityGroups=[place.balancer_group],
        Scheme="internet-facing",
        Tags=tags,
    )
    made = balancer["LoadBalancers"][0]
    idle = {"Key": "idle_timeout.timeout_seconds", "Value": "60"}  # AWS's default; moto tells it only once it was set
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=made["LoadBalancerArn"], Attributes=[idle])
    group = elbv2.create_target_group(
        Name="portfolio-api",
        Protocol="HTTP",
        Port=names.PORT,
        VpcId=made["VpcId"],
        TargetType="ip",
        HealthCheckPath=names.HEALTH_PATH,
        HealthCheckIntervalSeconds=30,
        HealthCheckTimeoutSeconds=5,
        UnhealthyThresholdCount=2,
        Matcher={"HttpCode": "200"},
        Tags=tags,
    )["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    elbv2.create_listener(LoadBalancerArn=made["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    return made["LoadBalancerArn"], group["TargetGroupArn"], made["DNSName"]


def _inbox(clients: Clients, level: str, topic: str) -> str:
    queue = clients("sqs").create_queue(QueueName=f"reader-of-{level}")["QueueUrl"]
    arn = f"arn:aws:sqs:{names.REGION}:{names.ACCOUNT}:reader-of-{level}"
    clients("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return str(queue)
