"""Whether what `cdk.json` declares is there and opted in; each call a read."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from remediator.core.model import OPT_IN_TAG, Resource, mode_from
from remediator.core.ports import Aws
from remediator.core.settings import Workload
from remediator.core.text import Text
from remediator.resources.cloudfront.kind import DISTRIBUTION
from remediator.resources.dynamodb.kind import DYNAMODB_TABLE
from remediator.resources.ecs.kind import ECS_SERVICE
from remediator.resources.kinds import kind_of
from remediator.resources.load_balancing.kind import LOAD_BALANCER, TARGET_GROUP
from remediator.resources.s3.kind import BUCKET

from .finding import Check, Finding, Here, exists


def workloads(aws: Aws, here: Here) -> Iterator[Finding]:
    """Each declared service, load balancer, target group, table, bucket and distribution."""
    for workload in here.settings.workloads:
        yield from _service(aws, workload)
        yield from _balanced(aws, here, workload)
        for table in workload.tables:
            yield from _table(aws, here, table)
        if workload.bucket:
            yield from _there(
                workload.bucket, exists(aws, "s3:GetBucketLocation", Bucket=workload.bucket), BUCKET.title
            )
        if workload.distribution:
            found = exists(aws, "cloudfront:GetDistribution", Id=workload.distribution)
            yield from _there(workload.distribution, found, DISTRIBUTION.title)


def insights(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether Container Insights is on; nothing here needs it, its alarms are understood where there are some."""
    for cluster in sorted({w.cluster for w in here.settings.workloads if w.cluster}):
        found = aws.call("ecs:DescribeClusters", clusters=[cluster], include=["SETTINGS"]).get("clusters", ())
        if not found:
            yield _absent(cluster, Text("cluster", "クラスター"))
            continue
        values = [s["value"] for c in found for s in c.get("settings", ()) if s["name"] == "containerInsights"]
        value = values[0] if values else "disabled"
        yield Finding(
            check="insights",
            status="ok",
            message=Text(
                f"Container Insights of {cluster}: {value}; alarms on its metrics work only where it is on",
                f"{cluster} の Container Insights: {value}（有効な場合のみ、そのメトリクスのアラームが使えます）",
            ),
        )


def _service(aws: Aws, workload: Workload) -> Iterator[Finding]:
    if not workload.service:
        return
    found = _described(aws, workload)
    if found is None:
        yield _absent(f"{workload.cluster}/{workload.service}", ECS_SERVICE.title)
        return
    arn = found["serviceArn"]
    tags = {t["key"]: t["value"] for t in found.get("tags", ())}
    name = f"{workload.cluster}/{workload.service}"
    yield _opted_in(name, tags, Resource(ECS_SERVICE.name, arn))
    if not (workload.load_balancer and workload.target_group) and found.get("loadBalancers"):
        yield from _undeclared(aws, workload, found["loadBalancers"])


def passed_roles(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether fixes may hand the roles of the declared services to ECS: a new revision names them again."""
    for workload in (w for w in here.settings.workloads if w.service):
        if service := _described(aws, workload):
            yield from _passed(aws, here, workload.service, service["taskDefinition"])


def _passed(aws: Aws, here: Here, name: str, definition: str) -> Iterator[Finding]:
    found = aws.call("ecs:DescribeTaskDefinition", taskDefinition=definition)["taskDefinition"]
    roles = [found[k] for k in ("taskRoleArn", "executionRoleArn") if found.get(k)]
    whole = [p if p.startswith("arn:") else f"arn:{here.partition}:iam::{here.account}:{p}" for p in here.pass_roles]
    kept_back = [r for r in roles if not any(fnmatchcase(r, p) for p in whole)]
    for role in kept_back:
        yield Finding(
            check="pass-roles",
            status="missing",
            message=Text(
                f"{name} runs with a role that no fix may pass: its memory cannot be raised",
                f"{name} のロールは修復が渡せないため、メモリを増やせません",
            ),
            mend=f'add "{role.split(":", 5)[5]}" to pass_roles in cdk.json',
        )
    if not kept_back:
        words = Text(f"{name}: its roles may be passed", f"{name}: ロールを渡せます")
        yield Finding(check="pass-roles", status="ok", message=words)


def _described(aws: Aws, workload: Workload) -> Mapping[str, Any] | None:
    response = exists(
        aws, "ecs:DescribeServices", cluster=workload.cluster, services=[workload.service], include=["TAGS"]
    )
    active = [s for s in (response or {}).get("services", ()) if s.get("status") == "ACTIVE"]
    return active[0] if active else None


def _undeclared(aws: Aws, workload: Workload, attached: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """The names to declare, found by way of the service."""
    arns = [b["targetGroupArn"] for b in attached if b.get("targetGroupArn")]
    if not arns:
        return
    found = aws.call("elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=arns[:1])["TargetGroups"][0]
    balancers = [a.split(":loadbalancer/")[1] for a in found.get("LoadBalancerArns", ())]
    names = {"load_balancer": balancers[0] if balancers else "", "target_group": arns[0].rpartition(":")[2]}
    yield Finding(
        check="workloads",
        status="missing",
        message=Text(
            f"{workload.name}: load balancer and target group are not declared, so no alarm watches them",
            f"{workload.name}: ロードバランサーとターゲットグループが未宣言のため、アラームがありません",
        ),
        mend="in cdk.json: " + ", ".join(f'"{k}": "{v}"' for k, v in names.items()),
    )


def _balanced(aws: Aws, here: Here, workload: Workload) -> Iterator[Finding]:
    if workload.load_balancer:
        arn = here.arn("elasticloadbalancing", f"loadbalancer/{workload.load_balancer}")
        found = exists(aws, "elasticloadbalancing:DescribeLoadBalancers", LoadBalancerArns=[arn])
        yield from _tagged(aws, found, Resource(LOAD_BALANCER.name, arn), workload.load_balancer)
    if workload.target_group:
        arn = here.arn("elasticloadbalancing", workload.target_group)
        found = exists(aws, "elasticloadbalancing:DescribeTargetGroups", TargetGroupArns=[arn])
        yield from _tagged(aws, found, Resource(TARGET_GROUP.name, arn), workload.target_group)


def _tagged(aws: Aws, found: Mapping[str, Any] | None, resource: Resource, name: str) -> Iterator[Finding]:
    if found is None:
        yield _absent(name, kind_of(resource).title)
        return
    result = aws.call("elasticloadbalancing:DescribeTags", ResourceArns=[resource.arn])["TagDescriptions"]
    tags = {t["Key"]: t.get("Value", "") for d in result for t in d.get("Tags", ())}
    yield _opted_in(name, tags, resource)


def _table(aws: Aws, here: Here, table: str) -> Iterator[Finding]:
    if exists(aws, "dynamodb:DescribeTable", TableName=table) is None:
        yield _absent(table, DYNAMODB_TABLE.title)
        return
    arn = here.arn("dynamodb", f"table/{table}")
    tags = {t["Key"]: t["Value"] for t in aws.call("dynamodb:ListTagsOfResource", ResourceArn=arn).get("Tags", ())}
    yield _opted_in(table, tags, Resource(DYNAMODB_TABLE.name, arn))


def _opted_in(name: str, tags: Mapping[str, str], resource: Resource) -> Finding:
    said = tags.get(OPT_IN_TAG)
    mode = mode_from(said)
    if mode:
        return Finding(
            check="workloads", status="ok", message=Text(f"{name}: {OPT_IN_TAG}={mode}", f"{name}: {OPT_IN_TAG}={mode}")
        )
    text = (
        Text(f"{name} has no tag {OPT_IN_TAG}: it is only observed", f"{name} にタグ {OPT_IN_TAG} がなく、観察のみです")
        if said is None
        else Text(f"{name}: tag value not understood: {said[:40]}", f"{name}: タグの値を解釈できません: {said[:40]}")
    )
    return Finding(
        check="workloads", status="missing", message=text, mend=" ".join(kind_of(resource).opt_in_command(resource))
    )


def _there(name: str, found: Mapping[str, Any] | None, title: Text) -> Iterator[Finding]:
    if found is None:
        yield _absent(name, title)
    else:
        yield Finding(check="workloads", status="ok", message=Text(f"{name} is there", f"{name} があります"))


def _absent(name: str, title: Text) -> Finding:
    text = Text(f"there is no {title.en} {name} here", f"{title.ja} {name} がありません")
    return Finding(
        check="workloads", status="missing", message=text, mend="correct context.remediator.workloads in cdk.json"
    )


WORKLOADS = (Check("workloads", workloads), Check("pass-roles", passed_roles), Check("insights", insights))
