"""What AWS's texts of starts that fail mean, as a table.

Sources: ECS developer guide (stopped task errors, service event messages, API failure reasons), re:Post articles it
links to, literals of aws/amazon-ecs-agent; Docker's, runc's and containerd's own wording where ECS passes it on.
"""

from typing import Literal

from ...core.text import Text
from ..phrase_rules import PhraseRule, first, plain

StartRow = Literal[
    "insufficient_resources", "missing_permissions", "network_blocked", "image_unavailable", "invalid_task_definition"
]
Rules = tuple[PhraseRule[StartRow | None], ...]

_CAPACITY = Text("AWS has no room for the task", "タスクを配置する容量がありません")
_QUOTA = Text("a quota of the account is reached", "アカウントのクォータに達しています")
_DISK = Text("a disk is full", "ディスクの空き容量がありません")
_DENIED = Text("AWS refused a call for lack of permission", "権限不足で AWS の呼び出しが拒否されました")
_ROLE = Text("ECS got no credentials of a role", "ECS がロールの認証情報を取得できませんでした")
_NETWORK = Text("an endpoint could not be reached", "エンドポイントに接続できませんでした")
_IMAGE = Text("the registry has no such image for this platform", "レジストリに該当するイメージがありません")
_RATE = Text("the registry limits how often images are pulled", "レジストリのプル回数制限に達しました")
_NAMED = Text("what the task definition refers to does not exist", "タスク定義が参照するものが存在しません")
_DEFINED = Text("the container cannot be made as it is defined", "定義どおりにコンテナを作成できません")
_CUT = Text(
    "the words that would decide are not in the text (AWS cuts long reasons)",
    "原因を示す部分が本文にありません（AWS は長い理由を途中で切ります）",
)
_HOST = Text("the host or its runtime failed; the text does not say why", "ホスト側の障害で、理由は本文にありません")

PULLING = ("cannotpull", "pull", "manifest", "registry", "image", "resolve ref")

# Words that stand for one cause wherever they appear, the surest first.
RULES: Rules = (
    # Permissions: IAM's own sentence decides, whatever call it was.
    PhraseRule(any_of=("not authorized to perform", "unauthorizedoperation", "not authorized to assume"), row="missing_permissions", why=_DENIED),
    PhraseRule(any_of=("unable to assume the role", "unable to assume role", "trust relationship", "cannot be assumed by"), row="missing_permissions", why=_ROLE),
    PhraseRule(any_of=("credentialsendpointerror", "nocredentialproviders", "no valid providers in chain", "169.254.170.2", "unable to find execution role credentials", "unable to get execution role credentials", "no execution credentials", "ecr credentials: not found", "registry credentials: not found", "no basic auth credentials", "unable to retrieve credentials"), row="missing_permissions", why=_ROLE),
    # Capacity: placement codes, EC2's and Fargate's own words.
    PhraseRule(any_of=("maxspotinstancecountexceeded", "vcpulimitexceeded", "instancelimitexceeded", "networkinterfacelimitexceeded", "addresslimitexceeded", "limitexceededexception", "you've reached the limit on", "you have reached the limit on", "is above your limit"), row="insufficient_resources", why=_QUOTA),
    PhraseRule(any_of=("insufficientinstancecapacity", "unfulfillablecapacity", "insufficientfreeaddresses", "insufficientcapacity", "insufficient capacity", "capacity is unavailable", "spotmaxpricetoolow", "insufficient cpu", "insufficient memory", "insufficient gpu", "insufficient ports", "no container instances were found", "no container instance met all of its requirements", "doesn't have the agent connected", "unused device index", "not enough free ip"), none_of=("missing an attribute",), row="insufficient_resources", why=_CAPACITY),
    PhraseRule(any_of=("resource:",), none_of=("on resource:",), row="insufficient_resources", why=_CAPACITY),
    PhraseRule(any_of=("no space left on device", "free data blocks which is less than", "disk quota exceeded"), row="insufficient_resources", why=_DISK),
    PhraseRule(any_of=("port is already allocated", "address already in use"), row="insufficient_resources", why=Text("the port is taken on the host", "ホストのポートが使用中です")),
    PhraseRule(any_of=("cannot allocate memory", "oom-killed", "memory limit too low", "minimum memory limit", "not enough memory"), row="insufficient_resources", why=Text("the memory does not suffice to start the container", "コンテナの起動に必要なメモリが足りません")),
    # What a service's own answer says of the name that was asked for, before what a lost connection says.
    PhraseRule(any_of=("the specified log group does not exist", "can't find the specified secret", "marked for deletion", "did not contain json key", "invalid parameters:", "invalid ssm parameters", "parameternotfound", "parameter not found", "nosuchkey", "nosuchbucket", "the specified key does not exist", "the specified bucket does not exist", "invalid volume referenced", "link target not available", "accesspointnotfound", "filesystemnotfound"), row="invalid_task_definition", why=_NAMED),
    PhraseRule(any_of=("resourcenotfoundexception",), and_any_of=("secret", "log group", "logger", "logging", "parameter"), row="invalid_task_definition", why=_NAMED),
    # Network: ECS's own sentence, then Go's and libc's.
    PhraseRule(any_of=("there is a connection issue between", "check your network configuration", "check your task network configuration", "check your vpc configuration"), row="network_blocked", why=_NETWORK),
    PhraseRule(any_of=("wait for network interface provision",), row="network_blocked", why=Text("the network interface was not ready in time", "ネットワークインターフェイスの準備が時間内に終わりませんでした")),
    PhraseRule(any_of=("i/o timeout", "context deadline exceeded", "caused by: context deadli", "client.timeout", "tls handshake timeout", "request canceled while waiting", "request context cancel", "send request failed", "request send failed", "no route to host", "network is unreachable", "connection refused", "connection reset by peer", "connection timed out", "no such host", "temporary failure in name resolution", "failed due to timeout", "could not reach any registry", "connect timeout", "connecttimeout"), row="network_blocked", why=_NETWORK),
    PhraseRule(any_of=("fail to resolve", "failed to resolve"), and_any_of=('.amazonaws.com" - check that your file system id', ".efs."), row="network_blocked", why=Text("the file system's name does not resolve", "ファイルシステムの名前を解決できません")),
    PhraseRule(any_of=("failed to validate logger args",), and_any_of=("signal: killed",), row="network_blocked", why=Text("CloudWatch Logs did not answer before the check was ended", "CloudWatch Logs の応答がないまま確認が打ち切られました")),
    PhraseRule(any_of=("pull command failed: panic",), row="network_blocked", why=Text("AWS documents this crash of the pull as a missing route", "このクラッシュは経路の不足と AWS が説明しています")),
    # Image: what registries say. A rate limit comes before 403 and 404, which its answers may name too.
    PhraseRule(any_of=("toomanyrequests", "too many requests", "pull rate limit", "rate exceeded"), row="image_unavailable", why=_RATE),
    PhraseRule(any_of=("repository does not exist",), row="image_unavailable", why=_IMAGE),
    PhraseRule(any_of=("manifest unknown", "name unknown", "name_unknown", "descriptor matching platform", "no matching manifest", "no match for platform", "does not match the detected host platform", "imagenotfoundexception", "repositorynotfoundexception", "no such image",
            "no processor for media-type",
            "stream processor for", "invalid reference format", "check that the image exists"), row="image_unavailable", why=_IMAGE),
    PhraseRule(any_of=("exec format error",), row="image_unavailable", why=Text("the image is built for another CPU architecture", "イメージが別の CPU アーキテクチャ向けです")),
    # Permissions in other words.
    PhraseRule(any_of=("accessdenied", "access denied", "access to kms is not allowed", "403 forbidden", "http 403", "check that the role has the permissions", "unrecognizedclient", "security token included in the request is", "expiredtoken", "401 unauthorized", "no identity-based policy", "unauthorized: authentication required", "insufficient_scope"), row="missing_permissions", why=_DENIED),
    PhraseRule(any_of=("pull access denied",), row=None, why=_CUT),
    PhraseRule(any_of=("not found", "404 not found"), and_any_of=PULLING, none_of=("credentials", "not found in $path"), row="image_unavailable", why=_IMAGE),
    # The definition: how the container is to be made.
    PhraseRule(any_of=("error creating device nodes",), row=None, why=_HOST),
    PhraseRule(any_of=("no such network interface", "is already in use by container"), row=None, why=_HOST),
    PhraseRule(any_of=("executable file not found", "no such file or directory", "not a directory", "is a directory", ": permission denied", "no command specified", "invalid mount", "invalid volume", "error gathering device information", "conflicting options", "invalid cpu", "invalid memory", "unknown log opt", "unknown or invalid", "unsupported", "is not supported", "invalid value", "invalid port", "unable to find user", "unable to find group", "missing an attribute", "required capabilities", "required attributes", "no such container: ", "circular dependency", "unmarshal"), row="invalid_task_definition", why=_DEFINED),
    PhraseRule(any_of=("oci runtime", "failed to create shim task", "runc create failed", "hostconfigerror", "starting container process caused"), row="invalid_task_definition", why=_DEFINED),
    PhraseRule(any_of=("failed to initialize logging driver", "logger was not found", "log driver"), row="invalid_task_definition", why=Text("the log driver did not start as it is configured", "ログドライバーが設定どおりに起動しませんでした")),
    PhraseRule(any_of=("unsuccessful efs utils command", "failed to invoke efs utils"), and_any_of=("does not exist", "invalid", "not mount"), row="invalid_task_definition", why=_NAMED),
    # More general than all of these.
    PhraseRule(any_of=("context canceled", "context cancelled"), none_of=("internalerror",), row="network_blocked", why=Text("AWS documents this as a missing route to the registry", "レジストリへの経路の不足と AWS が説明しています")),
    PhraseRule(any_of=("unexpected ec2 error while attempting",), row="insufficient_resources", why=Text("EC2 gave no network interface", "EC2 がネットワークインターフェイスを作成できませんでした")),
    PhraseRule(any_of=("unable to launch instance",), row="insufficient_resources", why=_CAPACITY),
    PhraseRule(any_of=("failed to resolve ref", "failed to copy", "error pulling image conf", "api error"), row=None, why=_CUT),
    PhraseRule(any_of=("unable to pull secrets or registry auth",), row=None, why=_CUT),
    PhraseRule(any_of=("internalerror", "cannotinspect", "cannotstop", "timeouterror", "timed out after waiting"), row=None, why=_HOST),
)  # fmt: skip

# Reasons that are one word: RunTask's and StartTask's failures. Source: API failure reasons.
PLACEMENT: dict[str, tuple[StartRow, Text]] = {
    "agent": ("insufficient_resources", _CAPACITY),
    "inactive": ("insufficient_resources", _CAPACITY),
    "attribute": ("invalid_task_definition", Text("no instance has an attribute that the definition needs", "定義が必要とする属性を持つインスタンスがありません")),
    "memberof constraint unsatisfied": ("invalid_task_definition", Text("no instance meets the placement constraint", "配置制約を満たすインスタンスがありません")),
    "location": ("invalid_task_definition", Text("no instance is in a place that the definition allows", "定義が許す場所にインスタンスがありません")),
    "empty capacity provider": ("insufficient_resources", _CAPACITY),
    "no active instances": ("insufficient_resources", _CAPACITY),
}  # fmt: skip


def tells(text: str) -> tuple[StartRow | None, str, Text] | None:
    """What one text tells of a start that failed: row (None where its words do not decide), word, why. None: nothing."""
    result = plain(text).strip(" .:")
    if result in PLACEMENT:
        return (PLACEMENT[result][0], result, PLACEMENT[result][1])
    found = first(RULES, result)
    return (found[0].row, found[1], found[0].why) if found else None
