"""What the account and its region must offer, or should: each question one function, each call a read."""

from collections.abc import Iterator, Mapping
from typing import Any

from remediator.core.errors import Denied, NotFound, Rejected
from remediator.core.ports import GLOBAL_REGION, Aws
from remediator.core.text import Text

from .finding import Check, Finding, Here, exists

BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
BOOTSTRAP_AT_LEAST = 6
EDGE_STACK = "RemediatorEdge"
REGIONS_AS_OF = "2025-12"  # AWS's announcement that the list in cdk.json was taken from
NO_SUCH_FUNCTION = "remediator-preflight"  # asked for by name so that the answer can only be that there is none
NO_SUCH_API = "Unable to determine service/operation name"  # Lambda's word for a path that it does not serve
NO_SUCH_OPERATION = ("UnknownOperationException", "InvalidAction", "404", "403")
DYNAMODB_TAGS = "https://console.aws.amazon.com/dynamodbv2/home#settings"


def credentials(aws: Aws, here: Here) -> Iterator[Finding]:
    """Who asks, and where."""
    arn = aws.call("sts:GetCallerIdentity")["Arn"]
    yield Finding(
        check="credentials",
        status="ok",
        message=Text(f"{arn} in {here.account}, {here.region}", f"{here.account}、{here.region} の {arn}"),
    )


def durable(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether durable functions are offered here: their API answers for a function that does not exist."""
    listed = here.region in here.durable_regions
    if not _durable_answers(aws):
        text = Text(
            f"the API of Lambda durable functions does not answer as it should in {here.region}",
            f"{here.region} で Lambda durable functions の API が想定どおり応答しません",
        )
        yield Finding(check="durable", status="missing", message=text, mend="deploy to another region", stops=True)
    elif not listed:
        text = Text(
            f"their API answers in {here.region}, but cdk.json does not list the region: the deployment would be refused",
            f"{here.region} で API は応答しますが cdk.json にこのリージョンがなく、デプロイは拒否されます",
        )
        mend = f'add "{here.region}" to durable_regions in cdk.json'
        yield Finding(check="durable", status="missing", message=text, mend=mend, stops=True)
    else:
        text = Text(
            f"their API answers in {here.region}, which AWS listed in {REGIONS_AS_OF}",
            f"{here.region} で API が応答し、AWS の {REGIONS_AS_OF} の一覧にもあります",
        )
        yield Finding(check="durable", status="ok", message=text)


def _durable_answers(aws: Aws) -> bool:
    try:
        aws.call("lambda:ListDurableExecutionsByFunction", FunctionName=NO_SUCH_FUNCTION)
    except NotFound:
        return True  # of the function: the API itself is there
    except Denied as error:
        if NO_SUCH_API in str(error):
            return False
        raise
    except Rejected as error:
        if error.code in NO_SUCH_OPERATION:
            return False
        raise
    return True


def bootstrap(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether `cdk bootstrap` has been run with a version that is new enough: here, and where CloudFront's alarms stand."""
    yield from _bootstrapped(aws, here.account, here.region)
    if here.edge is not None:
        yield from _bootstrapped(here.edge, here.account, GLOBAL_REGION)


def _bootstrapped(aws: Aws, account: str, region: str) -> Iterator[Finding]:
    found = exists(aws, "ssm:GetParameter", Name=BOOTSTRAP)
    version = int(found["Parameter"]["Value"]) if found else 0
    if version >= BOOTSTRAP_AT_LEAST:
        text = Text(
            f"CDK bootstrap of {region}, version {version}",
            f"{region} は CDK ブートストラップ済み（バージョン {version}）",
        )
        yield Finding(check="bootstrap", status="ok", message=text)
        return
    text = (
        Text(
            f"CDK bootstrap of {region} is version {version}, too old",
            f"{region} の CDK ブートストラップのバージョン {version} が古すぎます",
        )
        if found
        else Text(
            f"{account}/{region} is not bootstrapped for the CDK",
            f"{account}/{region} は CDK ブートストラップされていません",
        )
    )
    yield Finding(check="bootstrap", status="missing", message=text, mend="make bootstrap", stops=True)


def trail(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether some trail keeps who changed what: the product's writes, and those of people."""
    for one in aws.call("cloudtrail:DescribeTrails", includeShadowTrails=True)["trailList"]:
        if _keeps_writes(aws, one, here.region):
            text = Text(f"{one['Name']} logs management events", f"{one['Name']} が管理イベントを記録しています")
            yield Finding(check="trail", status="ok", message=text)
            return
    text = Text(
        "no trail logs management events here: who changed what is known for 90 days only, and a refused deletion of a table is not noticed",
        "管理イベントを記録する証跡がありません。誰が何を変えたかは 90 日しか残らず、テーブル削除の拒否も検知できません",
    )
    mend = "aws cloudtrail create-trail --name management --s3-bucket-name BUCKET --is-multi-region-trail && aws cloudtrail start-logging --name management"
    yield Finding(check="trail", status="missing", message=text, mend=mend)


def _keeps_writes(aws: Aws, one: Mapping[str, Any], region: str) -> bool:
    if not one.get("IsMultiRegionTrail") and one.get("HomeRegion") != region:
        return False
    if not aws.call("cloudtrail:GetTrailStatus", Name=one["TrailARN"]).get("IsLogging"):
        return False
    response = aws.call("cloudtrail:GetEventSelectors", TrailName=one["TrailARN"])
    basic = any(
        s.get("IncludeManagementEvents") and s.get("ReadWriteType", "All") in ("All", "WriteOnly")
        for s in response.get("EventSelectors", ())
    )
    return basic or any(_is_of_writes(s) for s in response.get("AdvancedEventSelectors", ()))


def _is_of_writes(selector: Mapping[str, Any]) -> bool:
    fields = {f["Field"]: f.get("Equals", []) for f in selector["FieldSelectors"]}
    return "Management" in fields.get("eventCategory", ()) and "true" not in fields.get("readOnly", ())


def ecs_settings(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether services and tasks get ARNs that can carry tags: fix roles decide by the opt-in tag."""
    del here
    response = aws.pages("ecs:ListAccountSettings", "settings", 100, effectiveSettings=True)
    short = [
        s["name"]
        for s in response
        if s["name"] in ("serviceLongArnFormat", "taskLongArnFormat") and s.get("value") == "disabled"
    ]
    for name in short:
        yield Finding(
            check="ecs",
            status="missing",
            message=Text(
                f"{name} is disabled: new resources cannot carry tags, so no fix role may change them",
                f"{name} が無効です。新しいリソースにタグが付かず、修復ロールは変更できません",
            ),
            mend=f"aws ecs put-account-setting-default --name {name} --value enabled",
        )
    if not short:
        yield Finding(
            check="ecs",
            status="ok",
            message=Text("ECS uses long ARNs: tags count", "ECS は長い ARN を使い、タグが有効です"),
        )


def table_tags(aws: Aws, here: Here) -> Iterator[Finding]:
    """No API tells whether DynamoDB hands a table's tags to IAM; a fix role needs it."""
    del aws
    if "dynamodb:UpdateTable" not in here.writes:
        return
    text = Text(
        "no API tells whether IAM sees the tags of DynamoDB tables here; where not, every capacity fix is refused",
        "IAM が DynamoDB テーブルのタグを見るかは API では分かりません。見ない場合、容量の修復はすべて拒否されます",
    )
    yield Finding(
        check="table-tags",
        status="unknown",
        message=text,
        mend=f"look: {DYNAMODB_TAGS} > attribute-based access control",
    )


def bucket_tags(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether IAM sees the tags of the declared buckets, where some fix writes buckets."""
    if not any(a.startswith("s3:") for a in here.writes):
        return
    for bucket in sorted({w.bucket for w in here.settings.workloads if w.bucket}):
        status = aws.call("s3:GetBucketAbac", Bucket=bucket)["AbacStatus"].get("Status")
        if status == "Enabled":
            yield Finding(
                check="bucket-tags",
                status="ok",
                message=Text(f"IAM sees the tags of {bucket}", f"IAM は {bucket} のタグを見ます"),
            )
        else:
            text = Text(f"IAM does not see the tags of {bucket}", f"IAM は {bucket} のタグを見ません")
            mend = f"aws s3api put-bucket-abac --bucket {bucket} --abac-status Status=Enabled"
            yield Finding(check="bucket-tags", status="missing", message=text, mend=mend)


def switch(aws: Aws, here: Here) -> Iterator[Finding]:
    """What the switch says; before the first deployment, that it will only observe."""
    name = here.settings.switch_parameter
    found = exists(aws, "ssm:GetParameter", Name=name)
    if found is None:
        text = Text(
            "first deployment: the switch begins at observe, so nothing is changed; it tells what it would have done",
            "初回デプロイ: スイッチは observe で始まり、何も変更せず、行ったはずのことを知らせます",
        )
        yield Finding(check="switch", status="later", message=text, mend=_set(name))
        return
    value = found["Parameter"]["Value"]
    text = Text(
        f"{name} says {value}; a deployment does not touch it", f"{name} は {value} です。デプロイでは変わりません"
    )
    yield Finding(check="switch", status="ok", message=text, mend=_set(name) if value == "observe" else "")


def _set(name: str) -> str:
    return f"aws ssm put-parameter --name {name} --value auto --type String --overwrite"


def mail(aws: Aws, here: Here) -> Iterator[Finding]:
    """Whether somebody reads each topic: a subscription that nobody has confirmed delivers nothing."""
    outputs = _outputs(aws, here.stack)
    if outputs is None:
        text = Text(
            "after the first deployment: subscribe people to the topics",
            "初回デプロイ後に、トピックへ宛先を登録してください",
        )
        yield Finding(check="mail", status="later", message=text)
        return
    for level in ("High", "Medium", "Low"):
        if topic := outputs.get(f"Topic{level}"):
            yield from _readers(aws, topic, level.lower())
    if here.edge is not None and (topic := (_outputs(here.edge, EDGE_STACK) or {}).get("TopicEdge")):
        yield from _readers(here.edge, topic, GLOBAL_REGION)


def _outputs(aws: Aws, stack: str) -> Mapping[str, str] | None:
    try:
        found = aws.call("cloudformation:DescribeStacks", StackName=stack)["Stacks"][0]
    except (NotFound, Rejected):  # CloudFormation's word for a stack that is not there is ValidationError
        return None
    return {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())}


def _readers(aws: Aws, topic: str, level: str) -> Iterator[Finding]:
    found = aws.call("sns:ListSubscriptionsByTopic", TopicArn=topic).get("Subscriptions", ())
    waiting = [s["Endpoint"] for s in found if s["SubscriptionArn"] == "PendingConfirmation"]
    for endpoint in waiting:
        text = Text(
            f"{endpoint} has not confirmed the topic {level}", f"{endpoint} がトピック {level} を確認していません"
        )
        yield Finding(check="mail", status="missing", message=text, mend=f"open the mail to {endpoint} and confirm")
    if len(found) == len(waiting):
        text = Text(f"nobody reads the topic {level}", f"トピック {level} の宛先がありません")
        there = f" --region {level}" if level == GLOBAL_REGION else ""
        mend = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint YOU@EXAMPLE.COM{there}"
        yield Finding(check="mail", status="missing", message=text, mend=mend)
    else:
        text = Text(
            f"{level}: {len(found) - len(waiting)} confirmed", f"{level}: 確認済み {len(found) - len(waiting)} 件"
        )
        yield Finding(check="mail", status="ok", message=text)


BEFORE = (
    Check("credentials", credentials),
    Check("durable", durable),
    Check("bootstrap", bootstrap),
    Check("trail", trail),
    Check("ecs", ecs_settings),
    Check("table-tags", table_tags),
    Check("bucket-tags", bucket_tags),
)
AFTER = (Check("switch", switch), Check("mail", mail))
