"""Texts of ECS that people met or that AWS documents, with the row they tell of; written before the rules saw them.

Each row: what ECS said, the rows that are right (`unknown` where the text does not tell), where it was found.
"""

NS = "ecs_task_not_starting."
RESOURCES, PERMISSIONS, NETWORK, IMAGE, DEFINITION = (
    NS + name
    for name in (
        "insufficient_resources",
        "missing_permissions",
        "network_blocked",
        "image_unavailable",
        "invalid_task_definition",
    )
)
MEMORY, HEALTH, APPLICATION = (
    "ecs_task_restarting." + name for name in ("out_of_memory", "health_check_failing", "application_error")
)
PATH, PORT, CLOSED, FAILING = (
    "alb_targets_unhealthy." + name
    for name in ("wrong_path", "wrong_port", "security_group_closed", "application_failing")
)
PULL = "ResourceInitializationError: unable to pull secrets or registry auth: "
DOC = "AWS, ECS developer guide"

# reason of a task that failed to start (stopCode TaskFailedToStart)
START_FAILURES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        f"{PULL}execution resource retrieval failed: unable to get registry auth from asm: service call has been retried 5 time(s): asm fetching secret from the service for ...",
        ("unknown",),
        "aws-samples/keycloak-on-aws#222",
    ),
    (
        f'{PULL}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s): RequestError: send request failed caused by: Post "https://api.ecr.us-east-2.amazonaws.com/": dial tcp 10.3.4.5:443: i/o timeout. Please check your task network configuration.',
        (NETWORK,),
        "doctorray117/minecraft-ondemand#74, address put in",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve ecr registry auth: service call has been retried 3 time(s)",
        ("unknown",),
        "globaldothealth/list#2662",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 5 time(s): RequestCanceled: request context canceled caused by: context deadli...",
        (NETWORK,),
        "umotif-public/terraform-aws-ecs-fargate#50",
    ),
    (
        'CannotPullContainerError: containerd: pull command failed: time="2020-XX-XXTXX:XX:XXZ" level=info msg="apply failure, attempting cleanup" error="failed to extract layer sha256:XXXXXXXX: context ca...',
        ("unknown", NETWORK),
        "aws/containers-roadmap#1133",
    ),
    (
        'CannotPullContainerError: API error (500): Get https://111122223333.dkr.ecr.us-east-1.amazonaws.com/v2/: net/http: request canceled while waiting for connection"',
        (NETWORK,),
        DOC,
    ),
    (
        "CannotPullContainerError: API error (404): repository 111122223333.dkr.ecr.us-east-1.amazonaws.com/team/shop not found",
        (IMAGE,),
        DOC,
    ),
    (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: mounting fs-0a1b.efs.eu-west-1.amazonaws.com:/grafana failed, reason given by server: No such file or directory' : unsuccessful EFS utils command execution; code: 32",
        (DEFINITION,),
        "56kcloud/terraform-grafana#4",
    ),
    (
        "ResourceInitializationError: failed to validate logger args: : signal: killed",
        (NETWORK,),
        "gist of bradleybeddoes: an endpoint for CloudWatch Logs was missing",
    ),
    (
        "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. status code: 400",
        (DEFINITION,),
        "Rayraegah/terraform-aws-hasura#25",
    ),
    (
        'CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref docker.io/tryretool/backend:2.110.5: failed to do request: Head "https://registry-1.docker.io/v2/tryretool/backend/manifests/2.110.5": dial tcp 34.205.13.154:443: i/o timeout',
        (NETWORK,),
        "ActionIQ/terraform-aws-retool-ecs-fargate#20",
    ),
    (
        'CannotPullContainerError: ref pull has been retried 1 time(s): failed to pull and unpack image "123456789.dkr.ecr.us-east-1.amazonaws.com/myapp:latest": failed to resolve reference: unexpected status code 403 Forbidden',
        (PERMISSIONS,),
        "fixdevs.com, ECS task failed to start",
    ),
    (
        "CannotStartContainerError: bind for 0.0.0.0:8080 failed: port is already allocated",
        (RESOURCES, DEFINITION),
        "fixdevs.com, ECS task failed to start",
    ),
    (
        "ContainerRuntimeTimeoutError: Could not transition to running; timed out after waiting 1m: <reason>",
        ("unknown",),
        DOC,
    ),
    ("CannotStartContainerError: failed to get container status: <reason>", ("unknown", RESOURCES), DOC),
    ("CannotStopContainerError: failed sending SIGTERM to container: <reason>", ("unknown",), DOC),
    (
        "CannotCreateContainerError: API error (500): devmapper: Thin Pool has 4350 free data blocks which is less than minimum required 4454 free data blocks. Create more free space in thin pool or use dm.min_free_space option to change behavior",
        (RESOURCES,),
        DOC,
    ),
    (
        "CannotPullContainerError: Error: image deathstar:9ce7d67bf402b337a75c8acf49c11881be2f16bd not found",
        (IMAGE,),
        "aws/amazon-ecs-agent#337",
    ),
    ("CannotPullContainerError: API error (404)", (IMAGE, "unknown"), "aws/amazon-ecs-agent#1185"),
    ("CannotPullContainerError: Could not reach any registry endpoint", (NETWORK,), "aws/amazon-ecs-agent#719"),
    (
        "CannotStartContainerError: ResourceInitializationError: unable to create new container: mount callback failed on /tmp/containerd-mount916692511: open /tmp/containerd-mount916692511/etc/passwd: no such file or directory",
        (DEFINITION, IMAGE),
        "aws-samples/net-modernization#13",
    ),
    (
        "CannotStartContainerError: API error (404): Cannot start container 986d8b089f07fc0d90272518bd19cf0cb6f8858fcab70c673e45b1bd41d0e103: adding interface veth0e8d337 to bridge docker0 failed: could not find bridge docker0: no such network interface",
        ("unknown",),
        "aws/amazon-ecs-agent#218: the host is broken",
    ),
    ("CannotCreateContainerError: API error (500): Untar", ("unknown",), "aws/amazon-ecs-cli#194"),
    (
        "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReaderSeeker: failed open: unexpected status code https://public.ecr.aws/v2/docker/library/redis/manifests/sha256:1f: 429 Too Many Requests - Server message: toomanyrequests: Rate exceeded",
        (IMAGE, RESOURCES),
        "wording of aws/containers-roadmap and public.ecr.aws, joined",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/taskExec/9f is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-central-1:111122223333:parameter/db because no identity-based policy allows the ssm:GetParameters action status code: 400",
        (PERMISSIONS,),
        "repost.aws, ecs-unable-to-pull-secrets",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid parameters: /prod/api/DB_PASS",
        (DEFINITION,),
        "wording of the Fargate agent, ssm",
    ),
    (
        "Fetching secret data from SSM Parameter Store in eu-west-1: invalid parameters: token",
        (DEFINITION,),
        "aws/amazon-ecs-agent, agent/ssm",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from Secrets Manager did not contain json key password",
        (DEFINITION,),
        "wording of the Fargate agent, secret's JSON key",
    ),
    (
        f"{PULL}execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): ResourceNotFoundException: Secrets Manager can’t find the specified secret value for VersionId: 1",
        (DEFINITION,),
        "AWS, Secrets Manager API reference, joined",
    ),
    (
        "CannotPullContainerError: Error response from daemon: manifest for 111122223333.dkr.ecr.ap-northeast-1.amazonaws.com/portfolio-api:v9 not found: manifest unknown: Requested image not found",
        (IMAGE,),
        "wording of Docker with ECR",
    ),
    (
        "CannotPullContainerError: Error response from daemon: pull access denied for 111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop, repository does not exist or may require 'docker login': denied: User: arn:aws:sts::111122223333:assumed-role/ecsInstanceRole/i-0f is not authorized to perform: ecr:BatchGetImage on resource: arn:aws:ecr:eu-west-1:111122223333:repository/shop because no resource-based policy allows the ecr:BatchGetImage action",
        (PERMISSIONS,),
        "aws/amazon-ecs-agent#4181",
    ),
    (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ghcr.io/acme/private:1: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aacme%2Fprivate%3Apull&service=ghcr.io: 401 Unauthorized",
        (PERMISSIONS, IMAGE),
        "wording of containerd",
    ),
    (
        "CannotPullContainerError: failed to register layer: Error processing tar file(exit status 1): write /usr/lib/x.so: no space left on device",
        (RESOURCES,),
        "repost.aws, ecs-pull-container-error",
    ),
    (
        "CannotPullContainerError: no matching manifest for linux/arm64/v8 in the manifest list entries",
        (IMAGE,),
        "wording of Docker",
    ),
    (
        "CannotPullContainerError: invalid reference format: repository name must be lowercase",
        (IMAGE, DEFINITION),
        "wording of Docker",
    ),
    (
        "ResourceInitializationError: failed to download env files: file download command: non empty error stream: AccessDenied: Access Denied status code: 403, request id: 7F, host id: x",
        (PERMISSIONS,),
        "repost.aws, ecs-environment-variable-file",
    ),
    (
        "ResourceInitializationError: failed to download env files: file download command: non empty error stream: NoSuchKey: The specified key does not exist.",
        (DEFINITION,),
        "wording of S3, joined",
    ),
    (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: access denied by server while mounting 127.0.0.1:/' : unsuccessful EFS utils command execution; code: 32",
        (PERMISSIONS,),
        "repost.aws, fargate-unable-to-mount-efs",
    ),
    (
        "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: b'mount.nfs4: Connection timed out' : unsuccessful EFS utils command execution; code: 32",
        (NETWORK,),
        "repost.aws, fargate-unable-to-mount-efs",
    ),
    (
        'CannotStartContainerError: Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/entrypoint.sh": permission denied: unknown',
        (DEFINITION, IMAGE),
        "wording of runc",
    ),
    (
        "CannotStartContainerError: ResourceInitializationError: failed to create new container runtime task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec /app/start: exec format error: unknown",
        (IMAGE,),
        "wording of runc; the image is of another architecture",
    ),
    (
        "CannotCreateContainerError: Error response from daemon: No command specified",
        (DEFINITION,),
        "wording of Docker",
    ),
    (
        'CannotCreateContainerError: Error response from daemon: Conflict. The container name "/ecs-web-1-web-9c" is already in use by container 5b',
        ("unknown", DEFINITION),
        "wording of Docker",
    ),
    (
        "CannotCreateContainerError: Error response from daemon: invalid CPU shares or minimum memory limit allowed is 6MB",
        (DEFINITION, RESOURCES),
        "wording of Docker",
    ),
    ("DockerTimeoutError: Could not transition to created; timed out after waiting 4m0s", ("unknown", NETWORK), DOC),
    ("Capacity is unavailable at this time. Please try again later or in a different availability zone.", (RESOURCES,), DOC),
    (
        "ResourceInitializationError: Unable to launch instance(s). VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
        (RESOURCES,),
        "EC2 error codes, joined",
    ),
    (
        "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment disabled in subnet 'subnet-0b': InsufficientFreeAddressesInSubnet",
        (RESOURCES,),
        "EC2 error codes, joined",
    ),
    ("RESOURCE:MEMORY", (RESOURCES,), DOC),
    ("RESOURCE:PORTS", (RESOURCES,), DOC),
    ("AGENT", (RESOURCES,), DOC),
    ("ATTRIBUTE", (DEFINITION, RESOURCES), DOC),
    ("The specified platform does not satisfy the task definition’s required capabilities", (DEFINITION,), "ECS, API errors"),
    (
        "ECS was unable to assume the role 'arn:aws:iam::111122223333:role/shop-task' that was provided for this task.",
        (PERMISSIONS,),
        DOC,
    ),
    ("EcsAgentError: something that is not documented", ("unknown",), "made up"),
)  # fmt: skip

# message of a service event -> outcome or row
SERVICE_MESSAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("(service shop) is AZ balanced with 2 tasks in eu-west-1a, 2 tasks in eu-west-1b and 1 tasks in eu-west-1c.", ("ignore",), DOC),
    ("service shop is not AZ balanced with 3 tasks in use1-az1, 1 in use1-az2. AZ Rebalancing in progress.", ("ignore",), DOC),
    ("(service shop) has stopped 1 running tasks in eu-west-1a due to AZ rebalancing: (task 1f).", ("ignore",), DOC),
    (
        "service (shop) is unable to place a task in eu-west-1a because no container instance met all of its requirements.",
        (RESOURCES,),
        DOC,
    ),
    ("service (shop) operations are being throttled. Will try again later.", ("unknown", RESOURCES, "ignore"), DOC),
    (
        "service (shop) was unable to stop or start tasks during a deployment because of the service deployment configuration. Update the minimumHealthyPercent or maximumPercent value and try again.",
        ("unknown",),
        DOC,
    ),
    (
        "(service shop) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance 47d5cb9a) is already using a port required by your task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
        (RESOURCES,),
        "Shippable/support#4462",
    ),
    (
        "service my-service was unable to place a task because no container instance met all of its requirements. The closest matching container-instance ****af580523fe1022f095e doesn't have the agent connected. For more information, see the Troubleshooting section.",
        (RESOURCES,),
        "aws-actions/amazon-ecs-deploy-task-definition#260",
    ),
    (
        "service factorio was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster. For more information, see the Troubleshooting section. ",
        (RESOURCES,),
        "m-chandler/factorio-spot-pricing#4",
    ),
    (
        "ERROR: was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone",
        (RESOURCES,),
        "sil-org/ecs-deploy#277",
    ),
    (
        "(service shop) (task 0a1b) (instance i-0f) (port 8080) is unhealthy in (target-group tg-shop) due to (reason Request timed out)",
        (CLOSED, FAILING),
        DOC,
    ),
    (
        "(service shop, taskSet ecs-svc/123) (task 0a1b) (port 443) is unhealthy in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0f) due to (reason Health checks failed with these codes: [500])",
        (FAILING,),
        DOC,
    ),
    (
        "service shop (port 80) is unhealthy in target-group shop due to (reason Health checks failed with these codes: [403])",
        (PATH,),
        "wording of ECS, code put in",
    ),
    ("(service shop) deregistered 1 targets in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0f)", ("ignore",), "wording of ECS"),
    ("(service shop) has stopped 1 running tasks: (task 0f) because of a deployment", ("ignore",), "wording of ECS"),
    ("(service shop) (deployment ecs-svc/9) deployment failed: tasks failed to start.: rolling back to deployment ecs-svc/8", ("unknown", APPLICATION), "wording of ECS"),
    ("(service shop) rolling back to deployment ecs-svc/1234567890.", ("ignore", "unknown"), "wording of ECS"),
    ("(service shop) updated computedDesiredCount for (task-set ecs-svc/2 in capacity provider FARGATE) to 2.", ("ignore",), "wording of ECS"),
    ("(service shop) was unable to place a task. Reason: CannotPullContainerError: The task can’t pull the image. Check that the role has the permissions to pull images from the registry.", (PERMISSIONS,), "AWS wordings, joined"),
    ("(service shop) was unable to place a task. Reason: ECS was unable to assume the role 'arn:aws:iam::111122223333:role/x'", (PERMISSIONS,), "AWS wordings, joined"),
    ("(service shop) was unable to place a task. Reason: Something new", ("unknown",), "made up"),
    ("(service shop) failed to register targets in (target-group arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/shop/0f) with (error The target group cannot be found)", ("unknown", PORT), "wording of ECS"),
    ("(service shop) did a thing nobody has seen.", ("unknown",), "made up"),
    ("Message: Successfully set desired count to 2. Waiting for change to be fulfilled by ecs. Cause: minimum capacity was set to 2", ("ignore",), "Application Auto Scaling"),
    ("(service shop) (instance i-0f) is unhealthy in (elb shop) due to (reason Instance has failed at least the UnhealthyThreshold number of health checks consecutively.)", (HEALTH,), DOC),
)  # fmt: skip

# whole stops: stopCode, stoppedReason, containers -> outcome or row
STOPS: tuple[tuple[dict[str, object], tuple[str, ...], str], ...] = (
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "api", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"}]}, (MEMORY,), DOC),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "OutOfMemoryError: Container killed due to memory usage", "containers": [{"name": "api", "exitCode": 137}]}, (MEMORY,), DOC),
    ({"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Task failed container health checks", "containers": [{"name": "a", "exitCode": 143}]}, (HEALTH,), DOC),
    ({"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1) (alarm x)", "containers": [{"name": "a", "exitCode": 1}]}, ("ignore",), "ECS wording; it failed while it was scaled in"),
    ({"stopCode": "UserInitiated", "stoppedReason": "deploy", "containers": [{"name": "a", "exitCode": 1}]}, ("ignore",), "aws ecs stop-task --reason deploy"),
    ({"stopCode": "SpotInterruption", "stoppedReason": "Your Spot Task was interrupted.", "containers": [{"name": "a", "exitCode": 137}]}, ("ignore",), DOC),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "a", "exitCode": 2}], "group": "service:shop"}, (APPLICATION,), DOC),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "a", "exitCode": 143}], "group": "service:shop"}, ("unknown", "ignore"), "SIGTERM from outside"),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "a", "exitCode": 127}], "group": "service:shop"}, (APPLICATION, DEFINITION), "command not found by the shell"),
    ({"lastStatus": "DEPROVISIONING", "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "a", "exitCode": 1}]}, ("ignore", APPLICATION), "one of three events of a stop"),
    ({"lastStatus": "RUNNING", "containers": [{"name": "a"}]}, ("ignore",), DOC),
    ({"stopCode": "TaskFailedToStart", "stoppedReason": "Task failed to start", "containers": [{"name": "side"}, {"name": "web", "reason": "CannotPullContainerError: Error response from daemon: manifest for redis:latets not found"}]}, (IMAGE,), "wording of Docker"),
    ({"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "web", "reason": "CannotStartContainerError: API error (500): driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:80 failed: port is already allocated"}]}, (RESOURCES, DEFINITION), "wording of Docker"),
)  # fmt: skip
