"""Readers around a service: targets, traffic, memory, logs, images, autoscaling, CloudFormation, endpoint."""

from collections.abc import Mapping
from typing import Any

from ...core.clocks import after, iso, moment
from ...core.ecs import ContainerSpec, Service, ServiceDeployment, TaskDefinition, TaskStop, last_good, meaning
from ...core.edge import Aws, Permission, Scope, reads
from ...core.errors import NotFound, Rejected
from ...core.load_balancing import TargetGroup, TargetState, Traffic
from ...core.logs import LogExcerpt, error_lines, first_trace
from ...core.redact import LONGEST_SECRET_CHARS, outside, printable, redact
from ...core.service_view import Endpoint, Scaling, Stack
from .metric_data import query

RECENT_S = 300
MEMORY_WINDOW_S = 3600  # ECS remembers stopped tasks for about an hour
LOG_LINES = 200
LOG_CHARS = 100_000
LINE_CHARS = 500


@reads(
    Permission("elasticloadbalancing:DescribeTargetGroups"),
    Permission("elasticloadbalancing:DescribeTargetHealth"),
)
def target_groups(aws: Aws, scope: Scope, service: Service) -> tuple[TargetGroup, ...]:
    """The service's target groups with the health of each target; none where it has no load balancer."""
    del scope
    if not service.target_groups:
        return ()
    told = aws.call("elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=list(service.target_groups))
    return tuple(_target_group(aws, t) for t in told["TargetGroups"])


def _target_group(aws: Aws, told: Mapping[str, Any]) -> TargetGroup:
    health = aws.call("elasticloadbalancing:DescribeTargetHealth", TargetGroupArn=told["TargetGroupArn"])
    return TargetGroup(
        arn=told["TargetGroupArn"],
        load_balancers=tuple(told.get("LoadBalancerArns", ())),
        health_path=told.get("HealthCheckPath", ""),
        interval_s=told.get("HealthCheckIntervalSeconds", 30),
        timeout_s=told.get("HealthCheckTimeoutSeconds", 5),
        unhealthy_threshold=told.get("UnhealthyThresholdCount", 2),
        healthy_threshold=told.get("HealthyThresholdCount", 5),
        targets=tuple(_target(t) for t in health["TargetHealthDescriptions"]),
    )


def _target(told: Mapping[str, Any]) -> TargetState:
    health = told["TargetHealth"]
    return TargetState(
        id=told["Target"]["Id"],
        port=told["Target"].get("Port", 0),
        state=health["State"],
        reason=health.get("Reason", ""),
        description=outside(health.get("Description", ""), LINE_CHARS),
    )


@reads(Permission("cloudwatch:GetMetricData"))
def traffic(aws: Aws, scope: Scope, target_groups: tuple[TargetGroup, ...]) -> Traffic:
    """Requests and failures of the first target group: 15 minutes before a change, the time since it afterwards."""
    group = next((g for g in target_groups if g.load_balancers), None)
    if group is None:
        return Traffic(window_s=scope.window_s)
    balancer = {"LoadBalancer": group.load_balancers[0].split(":loadbalancer/", 1)[1]}
    both = {"TargetGroup": group.arn.rsplit(":", 1)[1], **balancer}
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[
            query("requests", "AWS/ApplicationELB", "RequestCount", both, "Sum"),
            query("target5xx", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", both, "Sum"),
            query("elb5xx", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer, "Sum"),
        ],
        StartTime=moment(after(scope.now, -scope.window_s)),
        EndTime=moment(scope.now),
    )
    recent_from = after(scope.now, -RECENT_S)
    whole, recent = _sums(answer, ""), _sums(answer, recent_from)
    return Traffic(
        window_s=scope.window_s,
        requests=whole.get("requests", 0),
        failed=whole.get("target5xx", 0) + whole.get("elb5xx", 0),
        recent_requests=recent.get("requests", 0),
        recent_failed=recent.get("target5xx", 0) + recent.get("elb5xx", 0),
    )


def _sums(answer: Mapping[str, Any], since: str) -> Mapping[str, int]:
    """The sum of each metric's datapoints from `since` on; a count that AWS does not emit is zero."""
    return {
        r["Id"]: int(sum(v for at, v in zip(r["Timestamps"], r["Values"], strict=True) if iso(at) >= since))
        for r in answer["MetricDataResults"]
    }


@reads(Permission("cloudwatch:GetMetricData"))
def memory_peak_pct(aws: Aws, scope: Scope) -> float:
    """Highest MemoryUtilization of the service over the last hour, in percent of what its tasks reserve.

    Raises:
        NotFound: CloudWatch has no data.
    """
    resource = scope.incident.resource
    named = {"ClusterName": resource.cluster, "ServiceName": resource.name}
    answer = aws.call(
        "cloudwatch:GetMetricData",
        MetricDataQueries=[query("memory", "AWS/ECS", "MemoryUtilization", named, "Maximum")],
        StartTime=moment(after(scope.now, -MEMORY_WINDOW_S)),
        EndTime=moment(scope.now),
    )
    values = answer["MetricDataResults"][0]["Values"]
    if not values:
        raise NotFound("CloudWatch has no MemoryUtilization of this service in the last hour")
    return float(max(values))


@reads(Permission("logs:GetLogEvents", "arn:{partition}:logs:{region}:{account}:log-group:*"))
def last_words(aws: Aws, scope: Scope, stops: tuple[TaskStop, ...], definition: TaskDefinition) -> LogExcerpt:
    """What the newest badly stopped task logged last: errors and the first stack trace, redacted.

    Raises:
        NotFound: none of its containers logs to CloudWatch Logs.
    """
    del scope
    stopped = log_stream(stops, definition)
    if stopped is None:
        raise NotFound("no stopped task with a log in CloudWatch Logs")
    group, stream = stopped
    told = aws.call(
        "logs:GetLogEvents",
        logGroupName=group,
        logStreamName=stream,
        limit=LOG_LINES,
        startFromHead=False,
    )
    raw = "\n".join(str(e["message"]) for e in told["events"])
    # Redacted as a whole: a private key has several lines. Printable first: a sign that is not seen may part a secret's name.
    lines = [line[:LINE_CHARS] for line in redact(printable(_last_of(raw))).splitlines()]
    return LogExcerpt(
        group=group,
        stream=stream,
        lines=len(lines),
        errors=error_lines(lines),
        trace=first_trace(lines),
    )


def _last_of(log: str) -> str:
    """The end of a log, from a whole line on where it has one: half a secret is not recognised."""
    if len(log) <= LOG_CHARS:
        return log
    end = log[-LOG_CHARS:]
    return end.partition("\n")[2] or end[LONGEST_SECRET_CHARS:]


def log_stream(stops: tuple[TaskStop, ...], definition: TaskDefinition) -> tuple[str, str] | None:
    """Log group and stream of the newest badly stopped task, of the container that failed; None where it has none."""
    stop = next(
        (s for s in stops if meaning(s) in ("out_of_memory", "health_check", "application_error", "unknown")), None
    )
    logging = [c for c in definition.containers if c.log_group and c.log_prefix]
    if stop is None or not logging:
        return None
    failed = {c.name for c in stop.containers if c.exit_code not in (0, None)}
    container = next((c for c in logging if c.name in failed), logging[0])
    return container.log_group, f"{container.log_prefix}/{container.name}/{stop.task_id}"


@reads(Permission("ecr:DescribeImages", "arn:{partition}:ecr:{region}:{account}:repository/*"))
def good_images(aws: Aws, scope: Scope, deployments: tuple[ServiceDeployment, ...]) -> tuple[str, ...]:
    """The images of the last good revision whose digests ECR still holds; none where there is no good revision.

    Raises:
        NotFound: a digest is gone.
        Rejected: an image that is not pinned by digest or not in ECR: it cannot be checked.
    """
    good = last_good(deployments)
    if good is None:
        return ()
    checked = []
    for image in good.images.values():
        repository, registry, digest = _ecr(image)
        if not digest or registry != scope.incident.resource.account:
            raise Rejected("ecr:DescribeImages", "NotInThisRegistry", f"{image} cannot be looked up")
        aws.call(
            "ecr:DescribeImages", registryId=registry, repositoryName=repository, imageIds=[{"imageDigest": digest}]
        )
        checked.append(image)
    return tuple(checked)


@reads(Permission("ecr:DescribeImages", "arn:{partition}:ecr:{region}:{account}:repository/*"))
def same_images(aws: Aws, scope: Scope, deployments: tuple[ServiceDeployment, ...], definition: TaskDefinition) -> bool:
    """Whether a fresh task would run what runs now: each image is pinned, or its tag still names the running digest.

    Raises:
        NotFound: a tag is gone, or the running digest is not known.
        Rejected: an image that is not in this account's ECR: it cannot be checked.
    """
    newest = next((d.revision for d in deployments if d.revision), None)
    running = newest.images if newest else {}
    return all(
        "@sha256:" in c.image or _tag_stands(aws, scope, c, running.get(c.name, "")) for c in definition.containers
    )


def _tag_stands(aws: Aws, scope: Scope, container: ContainerSpec, running: str) -> bool:
    digest = running.partition("@")[2]
    repository, registry, _ = _ecr(container.image)
    if registry != scope.incident.resource.account:
        raise Rejected("ecr:DescribeImages", "NotInThisRegistry", f"{container.image} cannot be looked up")
    if not digest:
        raise NotFound(f"the digest that container {container.name} runs is not known")
    tag = container.image.rsplit(":", 1)[1] if ":" in container.image.rsplit("/", 1)[-1] else "latest"
    told = aws.call("ecr:DescribeImages", registryId=registry, repositoryName=repository, imageIds=[{"imageTag": tag}])
    return bool(told["imageDetails"][0]["imageDigest"] == digest)


def _ecr(image: str) -> tuple[str, str, str]:
    """Repository, registry account and digest of an ECR image; empty where it is not one."""
    name, _, digest = image.partition("@")
    host, _, repository = name.partition("/")
    if ".dkr.ecr." not in host:
        return "", "", ""
    return repository.rsplit(":", 1)[0], host.split(".")[0], digest


@reads(Permission("application-autoscaling:DescribeScalableTargets"))
def scaling(aws: Aws, scope: Scope) -> Scaling:
    """Who owns the service's desired count."""
    resource = scope.incident.resource
    answer = aws.call(
        "application-autoscaling:DescribeScalableTargets",
        ServiceNamespace="ecs",
        ResourceIds=[f"service/{resource.cluster}/{resource.name}"],
        ScalableDimension="ecs:service:DesiredCount",
    )
    found = next(iter(answer["ScalableTargets"]), None)
    return (
        Scaling(owned=True, minimum=found["MinCapacity"], maximum=found["MaxCapacity"])
        if found
        else Scaling(owned=False)
    )


@reads(Permission("cloudformation:DescribeStackResources", "arn:{partition}:cloudformation:{region}:{account}:stack/*"))
def stack(aws: Aws, scope: Scope) -> Stack:
    """The stack whose next deployment would overwrite a change."""
    try:
        told = aws.call("cloudformation:DescribeStackResources", PhysicalResourceId=scope.incident.resource.arn)
    except (NotFound, Rejected):  # AWS says ValidationError where no stack owns it
        return Stack()
    found = next(iter(told["StackResources"]), None)
    return Stack(name=found["StackName"]) if found else Stack()


@reads()
def endpoint(aws: Aws, scope: Scope) -> Endpoint:
    """One GET of the workload's declared health path."""
    workload = scope.workload
    if workload is None or not workload.endpoint:
        return Endpoint()
    url = workload.endpoint.rstrip("/") + workload.health_path
    answer = aws.get(url)
    return Endpoint(url=url, status=answer.status, took_ms=answer.took_ms)
