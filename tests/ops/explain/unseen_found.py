"""A second collection, all of it found in public issues and sources; written before the rules saw it.

At first sight 26 of these 32 were right, one incident was waved away and none was acted upon; then the rules were mended.
"""

from .unseen_ecs import APPLICATION, CLOSED, DEFINITION, FAILING, IMAGE, MEMORY, PERMISSIONS, RESOURCES

FAILED = "TaskFailedToStart"
EXITED = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
OAI = {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E11N7NL3KG1PGX"}
FOUND: tuple[tuple[dict[str, object], tuple[str, ...], str], ...] = (
    ({"log": "Error: connect ETIMEDOUT 10.0.0.109:5432"}, (APPLICATION,), "ziedbentahar/strapi-on-aws-with-cdk#2"),
    ({"log": "01-17-2023 09:50:20 AM [Nest] 1  - 01/17/2023, 8:50:20 AM   ERROR [TypeOrmModule] Unable to connect to the database. Retrying (6)...\n01-17-2023 09:50:07 AM     at processTimers (node:internal/timers:502:7)\n01-17-2023 09:50:07 AM Error: connect ETIMEDOUT"}, (APPLICATION,), "aws/apprunner-roadmap#167"),
    ({"log": "Service Unavailable: /lbcheck"}, (FAILING,), "apptension/saas-boilerplate#425: Django's log of its own 503"),
    ({"log": 'Traceback (most recent call last):\nFile "/pkgs/__pypackages__/3.11/lib/urllib3/connection.py", line 174, in _new_conn\nconn = connection.create_connection(\nraise EndpointConnectionError(endpoint_url=request.url, error=e)\nbotocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL'}, (APPLICATION,), "apptension/saas-boilerplate#425"),
    ({"log": "KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full. Are you missing a .transacting(trx) call?\nat Client_PG.acquireConnection (/usr/src/app/node_modules/knex/lib/client.js:348:26) {"}, (APPLICATION,), "nocodb/nocodb#390"),
    ({"log": "2023-11-28 20:58:16,047 INFO supervisord started with pid 610850\n2023-11-28 20:58:17,052 INFO spawned: 'homework-tracker' with pid 610851\n2023-11-28 20:58:17,094 INFO exited: homework-tracker (exit status 127; not expected)"}, (APPLICATION, DEFINITION), "benoitc/gunicorn#3099: supervisord calls it INFO"),
    ({"log": "[2023-11-23 14:43:45 +0000] [1] [INFO] Listening at: http://0.0.0.0:8080 (1)\n[2023-11-23 14:43:47 +0000] [1] [ERROR] Worker (pid:7) exited with code 3\n[2023-11-23 14:43:47 +0000] [1] [ERROR] Shutting down: Master\n[2023-11-23 14:43:47 +0000] [1] [ERROR] Reason: Worker failed to boot."}, (APPLICATION,), "loelkes/jire#2"),
    ({"log": "[2023-07-14 08:04:06,168 - gunicorn.error - 264][INFO] Starting gunicorn 20.1.0\n[2023-07-14 08:04:06,169 - gunicorn.error - 267][DEBUG] Arbiter booted\n[2023-07-14 08:04:06,169 - gunicorn.error - 264][INFO] Listening at: http://0.0.0.0:8002 (1)"}, ("ignore",), "WordPress/openverse#2639: a logger that is called error"),
    ({"log": "[2025/04/29 19:25:08] [engine] caught signal (SIGTERM)"}, ("ignore", "unknown"), "aws/amazon-ecs-agent#4593"),
    ({"log": "01:13:08.055 Starting GuardbenchBackendApplication\n01:13:20.147 Tomcat initialized on port 8080\n01:13:50.045 Tomcat started on port 8080, context path `/`"}, ("ignore", "unknown"), "GuardBench/guardbench-backend#166"),
    ({"log": "2018-03-26 16:04:10 ERROR (common.go:64) - unable to get the container list from ecs"}, ("unknown", "ignore", APPLICATION), "DataDog/datadog-process-agent#118: an agent's error while all was well"),
    ({"log": "prod-displays - ERROR - Unhandled exception: ResourceInUseException: Attempt to change a resource which is still in use: Table is being updated: prod-displays"}, ("unknown", APPLICATION), "sebdah/dynamic-dynamodb#36: no deletion"),
    ({"ecs_stopped_task": {"stopCode": FAILED, "stoppedReason": 'CannotPullContainerError: inspect image has been retried 1 time(s): failed to resolve ref "xxxxx.xxx": unexpected status code [manifests 6981141]: 403 Forbidden'}}, (PERMISSIONS,), "aws/aws-cdk#14457"),
    ({"ecs_stopped_task": {"stopCode": FAILED, "stoppedReason": "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: ...."}}, (PERMISSIONS,), "aws/copilot-cli#3104"),
    ({"ecs_stopped_task": {**EXITED, "containers": [{"name": "web", "reason": "CannotPullContainerError: API error (404): repository serverless-batch not found: does not exist or no pull access"}]}}, (IMAGE, PERMISSIONS), "RafalWilinski/deploy-with-serverless#11"),
    ({"ecs_stopped_task": {"stoppedReason": "CannotPullContainerError: Error response from daem"}}, ("unknown",), "aws/aws-cdk#3646"),
    ({"ecs_stopped_task": {"stopCode": FAILED, "stoppedReason": 'CannotPullContainerError: containerd: pull command failed: time="2021-08-20T13:58:49Z" level=info msg="apply failure, attempting cleanup" error="failed to extract layer sha256:e246d4b4c5f108af0f72da900f45ae9a37e1d184d8d605ab4117293b6990b7b8: write /var...'}}, ("unknown", RESOURCES), "aws/containers-roadmap#1133"),
    ({"ecs_stopped_task": {"stopCode": FAILED, "stoppedReason": "CannotPullContainerError: ref pull has been retried 1 time(s): failed to unpack image on snapshotter overlayfs: failed to extract layer sha256:c023: failed to get stream processor for application/vnd.in-toto+json: no processor for media-type: unknown"}}, (IMAGE,), "a troubleshooting page on GitHub"),
    ({"ecs_stopped_task": {**EXITED, "containers": [{"name": "sync", "exitCode": 0}, {"name": "aws-guardduty-agent-test", "reason": "CannotPullContainerError: AccessDenied"}]}}, ("unknown", "ignore"), "a release script on GitHub: the agent's failure stops nothing"),
    ({"ecs_stopped_task": {"stoppedReason": "Essential container exited", "containers": [{"name": "mention-test", "exitCode": 2}]}}, ("unknown", APPLICATION), "a deployment test on GitHub"),
    ({"ecs_stopped_task": {"stopCode": FAILED, "stoppedReason": "CannotStartContainerError: Error response from daemon: OCI runtime create failed: container_linux.go:380: starting container process caused: container init was OOM-killed (memory limit too low?): unknown"}}, (RESOURCES, MEMORY), "aws/amazon-ecs-agent#3021"),
    ({"ecs_stopped_task": {**EXITED, "group": "service:api", "containers": [{"name": "api", "exitCode": 139}]}}, (APPLICATION,), "aws/amazon-ecs-agent#625"),
    ({"ecs_service_message": "service example-service (instance i-016b0a460d9974567) (port 1047) is unhealthy in target-group example-service due to (reason Request timed out)"}, (CLOSED, FAILING), "aws/amazon-ecs-agent#1872"),
    ({"ecs_service_message": "(deployment ecs-svc/9876543210987) Failed to start task: failed to pull the image configuration: pull access denied for non-existent-repo/non-existent-image"}, ("unknown", IMAGE, PERMISSIONS), "a prompt file on GitHub"),
    ({"event": {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "containers": [{"name": "pmf-engine", "exitCode": 137}]}}}, ("unknown",), "pmf_engine's tests"),
    ({"bucket_policy": {"policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": OAI, "Action": ["s3:GetObject*", "s3:GetBucket*", "s3:List*"], "Resource": ["arn:aws:s3:::my-bucket", "arn:aws:s3:::my-bucket/*"]}]}}}, ("ok",), "aws/aws-cdk#13272"),
    ({"bucket_policy": {"policy": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": OAI, "Action": ["s3:GetObject*"], "Resource": ["arn:aws:s3:::my-bucket/*"]}]}}}, ("ok",), "aws/aws-cdk#13272: keys that are missing answer 403, objects are delivered"),
    ({"bucket_policy": {"policy": {"Statement": [{"Action": "s3:GetObject", "Sid": "1", "Resource": "arn:aws:s3:::sub.mydomain.com/*", "Effect": "Allow", "Principal": OAI}]}}}, ("ok",), "Netflix/security_monkey#423"),
    ({"log": "Nov 04 12:43:06 paigcr-a-gpu-1037 kernel: Memory cgroup out of memory: Kill process 18092 (java) score 1342 or sacrifice child"}, (MEMORY,), "microsoft/pai#1682"),
    ({"log": "2021-09-30T11:59:08: PM2 log: [PM2][WORKER] Process 2 restarted because it exceeds --max-memory-restart value (current_memory=5274296320 max_memory_limit=5242880000 [octets])"}, (MEMORY,), "Unitech/pm2#5191"),
    ({"log": "[45777:0x5845b90] 94999858 ms: Mark-sweep 4042.8 (4132.6) -> 4026.9 (4132.6) MB, 6133.5 / 0.0 ms  (average mu = 0.095, current mu = 0.012) allocation failure scavenge might not succeed"}, (MEMORY,), "Unitech/pm2#5191"),
    ({"log": "    Last State:     Terminated\n      Reason:       OOMKilled\n      Exit Code:    137"}, (MEMORY,), "broadinstitute/gnomad-browser#1410"),
)  # fmt: skip
