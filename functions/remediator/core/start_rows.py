"""The rows of `ecs_task_not_starting` in words: how each is confirmed, where a person looks, what it takes to end it."""

from .text import Text

LOOK_AT_STOPS = (
    "aws ecs list-tasks --cluster <cluster> --service-name <service> --desired-status STOPPED",
    (
        "aws ecs describe-tasks --cluster <cluster> --tasks <task> "
        "--query 'tasks[].[stopCode,stoppedReason,containers[].reason]'"
    ),
)
LOOK_AT_EVENTS = (
    "aws ecs describe-services --cluster <cluster> --services <service> --query 'services[].events[:10].message'"
)
LOOK = {
    "insufficient_resources": (
        LOOK_AT_EVENTS,
        "aws ecs describe-task-definition --task-definition <task-definition> --query 'taskDefinition.[cpu,memory]'",
        (
            "aws ecs describe-container-instances --cluster <cluster> --container-instances <instance> "
            "--query 'containerInstances[].[ec2InstanceId,remainingResources]'"
        ),
    ),
    "missing_permissions": (
        *LOOK_AT_STOPS,
        "aws iam get-role --role-name <role> --query Role.AssumeRolePolicyDocument",
        "aws iam simulate-principal-policy --policy-source-arn <role-arn> --action-names <action> --resource-arns <resource>",
    ),
    "network_blocked": (
        *LOOK_AT_STOPS,
        "aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=<subnet>",
        (
            "aws ec2 describe-vpc-endpoints --filters Name=vpc-id,Values=<vpc> "
            "--query 'VpcEndpoints[].[ServiceName,State,PrivateDnsEnabled,Groups]'"
        ),
        "aws ec2 describe-security-groups --group-ids <group>",
    ),
    "image_unavailable": (
        *LOOK_AT_STOPS,
        "aws ecr describe-images --repository-name <repository> --image-ids imageTag=<tag>",
    ),
    "invalid_task_definition": (
        *LOOK_AT_STOPS,
        "aws ecs describe-task-definition --task-definition <task-definition>",
        "aws ecs describe-task-definition --task-definition <last-good-task-definition>",
    ),
}
CONFIRM = {
    "insufficient_resources": Text(
        "ECS says that it cannot place a task, or that Fargate has no capacity, and no container was even pulled;"
        " or CPU and memory are not a pair of Fargate's table.",
        "ECS がタスクを配置できない、または Fargate のキャパシティがないと通知しており、イメージの取得も始まっていない。"
        "あるいは CPU とメモリの組み合わせが Fargate の表にない。",
    ),
    "missing_permissions": Text(
        "The reason says AccessDenied or not authorized and names the role, or ECS cannot assume it; the role's policies"
        " do not allow that action. A timeout is the network, and a secret that does not exist is the definition.",
        "停止理由に AccessDenied または not authorized とロール名があるか、ECS がロールを引き受けられない。"
        "ロールのポリシーがそのアクションを許可していない。タイムアウトはネットワーク、シークレットの不在はタスク定義の問題。",
    ),
    "network_blocked": Text(
        "The reason speaks of a timeout or a connection issue, and a subnet of the service has no open way to the named"
        " service. An answer of that service, even a refusal, speaks against it.",
        "停止理由がタイムアウトや接続の問題を示し、サービスのサブネットに対象サービスへの経路がない。"
        "相手サービスから応答（拒否を含む）があれば、この原因ではない。",
    ),
    "image_unavailable": Text(
        "The registry answered that it has no such tag, digest, repository or platform, or that too much was pulled;"
        " describe-images says the same.",
        "レジストリが、タグ・ダイジェスト・リポジトリ・プラットフォームの不在、または取得回数の超過を応答している。"
        "describe-images でも同じ結果になる。",
    ),
    "invalid_task_definition": Text(
        "The image is there and the network answers, but a setting of the revision cannot be carried out: a secret, a"
        " volume, a log driver, an entry point or an environment file; the last good revision has it otherwise.",
        "イメージは存在し通信もできるが、リビジョンの設定（シークレット、ボリューム、ログドライバー、エントリーポイント、"
        "環境ファイル）を適用できない。直近の正常なリビジョンではその設定が異なる。",
    ),
}
ADVICE = {
    "insufficient_resources": Text(
        "Give the task what it needs room for: another zone or subnet, more instances, or a size that fits.",
        "配置できる余地を確保してください。別のアベイラビリティーゾーンやサブネット、インスタンスの追加、"
        "または収まるサイズへの変更が有効です。",
    ),
    "missing_permissions": Text(
        "Add the missing permission to the role; the program never writes to IAM.",
        "不足している権限をロールに追加してください（このプログラムは IAM を変更しません）。",
    ),
    "network_blocked": Text(
        "Open the way that is closed, or build one: a NAT gateway, a public address, or VPC endpoints.",
        "閉じている経路を開くか、NAT ゲートウェイ、パブリックアドレス、VPC エンドポイントで経路を用意してください。",
    ),
    "image_unavailable": Text(
        "Push the image under the name that the task definition has, or name one that the registry holds.",
        "タスク定義が指定する名前でイメージをプッシュするか、レジストリに存在するイメージを指定してください。",
    ),
    "invalid_task_definition": Text(
        "Correct the setting that the reason names and register another revision.",
        "停止理由が示す設定を修正し、新しいリビジョンを登録してください。",
    ),
}
