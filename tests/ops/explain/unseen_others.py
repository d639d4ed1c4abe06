"""Unseen texts of DynamoDB, load balancers, logs and policies with what they tell; written before the rules saw them."""

CAPACITY, HOT, BURST, MAXIMUM, ACCOUNT = (
    "dynamodb_throttling." + name
    for name in ("insufficient_capacity", "hot_key", "burst_traffic", "on_demand_maximum", "account_limit")
)
USED, BACKUP, INDEX, PROTECTED = (
    "dynamodb_table_undeletable." + name
    for name in ("in_use", "backup_enabled", "index_creating", "deletion_protected")
)
MEMORY, HEALTH, APPLICATION = (
    "ecs_task_restarting." + name for name in ("out_of_memory", "health_check_failing", "application_error")
)
PATH, PORT, CLOSED, FAILING = (
    "alb_targets_unhealthy." + name
    for name in ("wrong_path", "wrong_port", "security_group_closed", "application_failing")
)
DEFINITION, IMAGE = "ecs_task_not_starting.invalid_task_definition", "ecs_task_not_starting.image_unavailable"
POLICY = "cloudfront_not_delivering.bucket_policy"

USE = "Attempt to change a resource which is still in use: "
DYNAMODB_ERRORS: tuple[tuple[dict[str, object], tuple[str, ...], str], ...] = (
    ({"operation": "UpdateItem", "exception": "ProvisionedThroughputExceededException", "message": "The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable API"}, (CAPACITY,), "exercism/website#949"),
    ({"exception": "com.amazonaws.services.dynamodbv2.model.ProvisionedThroughputExceededException", "message": "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API. (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ProvisionedThroughputExceededException; Request ID: TA7T)"}, (CAPACITY,), "apache/hadoop#1814"),
    ({"message": "An error occurred (ProvisionedThroughputExceededException) when calling the Query operation (reached max retries: 9): The level of configured provisioned throughput for the table was exceeded."}, (CAPACITY,), "wording of botocore"),
    ({"message": "GraphQL error: Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly. If exceptions persist, check if you have a hot key:"}, (HOT, BURST), "aws/aws-appsync-community#336"),
    ({"operation": "UpdateTable", "exception": "LimitExceededException", "message": "Cannot increase provisioned throughput to more than twice current value"}, ("unknown",), "jcabi-dynamodb-maven-plugin#34"),
    ({"operation": "UpdateTable", "exception": "LimitExceededException", "message": "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day."}, ("unknown",), "DynamoDB wording"),
    ({"exception": "RequestLimitExceeded", "message": "Throughput exceeds the current throughput limit for your account. Please contact AWS Support to request a limit increase."}, (ACCOUNT,), "AWS, DynamoDB error handling"),
    ({"exception": "ThrottlingException", "message": "Throughput exceeds the maximum OnDemandThroughput configured on table or index."}, (MAXIMUM,), "AWS, on-demand maximum"),
    ({"exception": "ThrottlingException", "throttlingReasons": [{"reason": "TableWriteKeyRangeThroughputExceeded", "resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/t"}]}, (HOT,), "AWS, throttling reasons"),
    ({"throttlingReasons": [{"reason": "TableReadAccountLimitExceeded"}, {"reason": "TableReadProvisionedThroughputExceeded"}]}, (CAPACITY, ACCOUNT), "two reasons at once"),
    ({"throttlingReasons": [{"reason": "TableReadSomethingNewExceeded"}]}, ("unknown",), "made up"),
    ({"operation": "DeleteTable", "exception": "ResourceInUseException", "message": USE + "Table is being updated: portfolio-users"}, (USED,), "sebdah/dynamic-dynamodb#36"),
    ({"message": "An error occurred (ResourceInUseException) when calling the DeleteTable operation: " + USE + "Table is being created: pgrunnerdynamo22758.3.0"}, (USED,), "vdesabou/kafka-docker-playground#8703"),
    ({"operation": "DeleteTable", "exception": "ValidationException", "message": "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the table in the last 24 hours."}, (USED, BACKUP), "go-to-k/cdkd#1442"),
    ({"operation": "CreateTable", "exception": "ResourceInUseException", "message": USE + "Table is being created: hkdev-dynamo-fp-sale-log"}, ("unknown",), "terraform-aws-dynamodb-table#51: not a deletion"),
    ({"operation": "CreateTable", "exception": "ResourceInUseException", "message": "Cannot create preexisting table"}, ("unknown",), "amazon-dynamodb-developer-guide#251"),
    ({"operation": "DeleteTable", "exception": "ResourceInUseException", "message": USE + "Table is being indexed: the index by-mail is being created"}, (INDEX,), "made up after DynamoDB's wording"),
    ({"operation": "DeleteTable", "exception": "ValidationException", "message": "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."}, (PROTECTED,), "DynamoDB wording"),
    ({"operation": "DeleteTable", "exception": "ResourceInUseException", "message": USE + "Table is being backed up"}, (BACKUP,), "made up after DynamoDB's wording"),
    ({"operation": "DeleteTable", "exception": "ResourceNotFoundException", "message": "Requested resource not found: Table: portfolio-users not found"}, ("unknown",), "localstack#7406"),
    ({"operation": "GetItem", "exception": "ResourceNotFoundException", "message": "Requested resource not found"}, ("unknown",), "DynamoDB wording"),
    ({"operation": "PutItem", "exception": "ValidationException", "message": "One or more parameter values were invalid: Missing the key id in the item"}, ("unknown",), "DynamoDB wording"),
    ({"operation": "PutItem", "exception": "ConditionalCheckFailedException", "message": "The conditional request failed"}, ("unknown", "ignore"), "DynamoDB wording: normal work"),
    ({"operation": "TransactWriteItems", "exception": "TransactionCanceledException", "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]"}, ("unknown", "ignore"), "DynamoDB wording"),
    ({"operation": "TransactWriteItems", "exception": "TransactionCanceledException", "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ProvisionedThroughputExceeded]"}, (CAPACITY, HOT, BURST), "DynamoDB wording"),
    ({"operation": "PutItem", "exception": "AccessDeniedException", "message": "User: arn:aws:sts::111122223333:assumed-role/task/x is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:eu-west-1:111122223333:table/t"}, ("unknown", APPLICATION), "IAM wording"),
)  # fmt: skip

DYNAMODB_METRICS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("AWS/DynamoDB", "ReadProvisionedThroughputThrottleEvents", (CAPACITY,)),
    ("AWS/DynamoDB", "WriteKeyRangeThroughputThrottleEvents", (HOT,)),
    ("AWS/DynamoDB", "ReadMaxOnDemandThroughputThrottleEvents", (MAXIMUM,)),
    ("AWS/DynamoDB", "ReadAccountLimitThrottleEvents", (ACCOUNT,)),
    ("AWS/DynamoDB", "ThrottledRequests", ("unknown",)),
    ("AWS/DynamoDB", "SuccessfulRequestLatency", ("unknown",)),
    ("AWS/DynamoDB", "UserErrors", ("unknown",)),
    ("AWS/DynamoDB", "ConditionalCheckFailedRequests", ("unknown", "ignore")),
    ("AWS/EC2", "CPUUtilization", ("unknown", "ignore")),
)

TARGETS: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
    ({"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [404, 200]"}, (PATH, "unknown")),
    ({"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [504]"}, (FAILING,)),
    ({"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [401]"}, (PATH, FAILING)),
    ({"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [429]"}, (FAILING,)),
    ({"State": "unhealthy", "Reason": "Target.ResponseCodeMismatch", "Description": "Health checks failed with these codes: [302]"}, (PATH,)),
    ({"State": "unhealthy", "Reason": "Target.Timeout", "Description": "Request timed out"}, (CLOSED,)),
    ({"State": "unhealthy", "Reason": "Target.FailedHealthChecks", "Description": "Health checks failed"}, (PORT,)),
    ({"State": "unavailable", "Reason": "Target.HealthCheckDisabled", "Description": "Health checks are disabled for this target group"}, ("unknown", "ignore")),
    ({"State": "unused", "Reason": "Target.NotInUse", "Description": "Target group is not configured to receive traffic from the load balancer"}, ("ignore", "unknown")),
    ({"State": "unhealthy"}, ("unknown",)),
    ({"State": "unhealthy", "Reason": "Target.SomethingNew", "Description": "x"}, ("unknown",)),
)  # fmt: skip

LOGS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # what an application says when it ends by an error of its own
    ("Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\n    import flask\nModuleNotFoundError: No module named 'flask'", (APPLICATION,), "Python"),
    ("node:internal/modules/cjs/loader:1080\n  throw err;\n  ^\n\nError: Cannot find module '/app/server.js'\n    at Module._resolveFilename (node:internal/modules/cjs/loader:1077:15)\n  code: 'MODULE_NOT_FOUND'", (APPLICATION, DEFINITION), "Node.js"),
    ('Exception in thread "main" java.lang.IllegalStateException: no datasource\n\tat com.acme.Main.main(Main.java:12)', (APPLICATION,), "Java"),
    ("panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:9 +0x1d", (APPLICATION,), "Go"),
    ("panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4991a8]", (APPLICATION,), "Go"),
    ("thread 'main' panicked at src/main.rs:4:5:\ncalled `Result::unwrap()` on an `Err` value: ConnectionRefused", (APPLICATION,), "Rust"),
    ("Unhandled exception. System.InvalidOperationException: Unable to resolve service for type 'IDb'\n   at Program.<Main>$(String[] args)", (APPLICATION,), ".NET"),
    ("/app/config/environment.rb:5:in `require': cannot load such file -- pg (LoadError)", (APPLICATION,), "Ruby"),
    ('PHP Fatal error:  Uncaught Error: Class "Foo" not found in /var/www/index.php:3', (APPLICATION,), "PHP"),
    ('django.db.utils.OperationalError: could not connect to server: Connection refused\n\tIs the server running on host "db" (10.0.0.9) and accepting TCP/IP connections on port 5432?', (APPLICATION,), "Django"),
    ("2026-01-02T03:04:05Z ERROR failed to connect to `host=db user=app database=x`: dial error (dial tcp 10.0.3.4:5432: connect: connection refused)", (APPLICATION,), "pgx"),
    ("Segmentation fault (core dumped)", (APPLICATION,), "shell"),
    ("[ERROR] Worker (pid:9) exited with code 3", (APPLICATION,), "gunicorn"),
    ("Error: listen EADDRINUSE: address already in use :::3000", (APPLICATION,), "Node.js"),
    ("ERROR: permission denied for relation users", (APPLICATION,), "PostgreSQL"),
    ("KeyError: 'DATABASE_URL'", (APPLICATION, DEFINITION), "Python, last line only"),
    ("Error: Missing required environment variable: DATABASE_URL", (DEFINITION, APPLICATION), "common in start scripts"),
    # memory
    ("FATAL ERROR: Ineffective mark-compacts near heap limit Allocation failed - JavaScript heap out of memory", (MEMORY,), "aws/amazon-ecs-agent#2231"),
    ("[9143134.805765] java invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0", (MEMORY,), "d2iq-archive/marathon#1295"),
    ("Memory cgroup out of memory: Killed process 3143648 (python3) total-vm:1234kB", (MEMORY,), "Linux"),
    ('Traceback (most recent call last):\n  File "/app/x.py", line 1, in <module>\n    a = [0] * 10**12\nMemoryError', (MEMORY,), "Python"),
    ("fatal error: runtime: out of memory", (MEMORY,), "Go"),
    ('Exception in thread "http-nio-8080-exec-1" java.lang.OutOfMemoryError: GC overhead limit exceeded', (MEMORY,), "Java"),
    ("terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc", (MEMORY,), "C++"),
    # start
    ("exec /usr/local/bin/docker-entrypoint.sh: exec format error", (IMAGE,), "runc"),
    ("/bin/sh: 1: nmp: not found", (DEFINITION, APPLICATION), "shell"),
    ("sh: can't open '/app/run.sh': No such file or directory", (DEFINITION,), "busybox"),
    # what the health path answers
    ('10.0.1.7 - - [01/Feb/2026:10:00:00 +0000] "GET /healthz HTTP/1.1" 404 153 "-" "ELB-HealthChecker/2.0"', (PATH,), "nginx"),
    ('10.0.1.7 - - [01/Feb/2026:10:00:00 +0000] "GET /anything HTTP/1.1" 301 0 "-" "ELB-HealthChecker/2.0"', (PATH,), "nginx"),
    ('10.0.1.7 - - [01/Feb/2026:10:00:00 +0000] "GET /health HTTP/1.1" 503 19 "-" "ELB-HealthChecker/2.0"', (FAILING,), "nginx"),
    ('2026/02/01 10:00:00 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.1.7, server: , request: "GET /health HTTP/1.1", upstream: "http://127.0.0.1:8000/health"', (FAILING, APPLICATION), "nginx"),
    ('2026/02/01 10:00:00 [error] 7#7: *1 upstream timed out (110: Connection timed out) while reading response header from upstream, request: "GET /api HTTP/1.1"', (FAILING, "alb_slow_response.task_resources", "alb_gateway_errors.504"), "nginx"),
    ('{"level":50,"time":1742214831210,"pid":1,"reqId":"req-2","res":{"statusCode":500},"err":{"type":"TypeError","message":"x is undefined"},"msg":"request errored"}', (FAILING, APPLICATION), "pino"),
    # DynamoDB within an application's log
    ("botocore.errorfactory.ProvisionedThroughputExceededException: An error occurred (ProvisionedThroughputExceededException) when calling the PutItem operation (reached max retries: 9): The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.", (CAPACITY,), "botocore"),
    ('time=2024-09-06T02:44:30.819Z level=ERROR msg="failed to insert item" error="operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: x, api error ThrottlingException: Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly."', (HOT, BURST), "praetorian-inc/chariot-ui#684"),
    # nothing is wrong
    ('INFO:     10.0.1.5:41234 - "GET /health HTTP/1.1" 200 OK', ("ignore",), "uvicorn"),
    ('10.0.0.1 - - [01/Feb/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "ELB-HealthChecker/2.0"', ("ignore",), "nginx"),
    ("2026-02-01 10:00:00.000  INFO 1 --- [           main] com.acme.App : Started App in 4.2 seconds (process running for 5.0)", ("ignore",), "Spring"),
    ("Server listening on port 3000", ("ignore", "unknown"), "Node.js"),
    ('{"level":"info","msg":"order 502 took 504 ms","error":null}', ("ignore",), "numbers that look like codes"),
    ("2026-02-01T10:00:00Z INFO retried 3 errors, 0 failed", ("ignore", "unknown"), "the word error in good news"),
    ("[notice] 1#1: signal 15 (SIGTERM) received, exiting", ("ignore", "unknown"), "nginx, scale-in"),
    ("2026-02-01 10:00:00 WARNING slow consumer", ("ignore", "unknown"), "a warning alone"),
    ("DEBUG: no error found, 0 exceptions", ("ignore",), "a debug line"),
    ('203.0.113.9 - - [01/Feb/2026:10:00:00 +0000] "GET /wp-login.php HTTP/1.1" 404 153 "-" "curl"', ("ignore", "unknown"), "a scanner"),
    ("DisallowedHost at /: Invalid HTTP_HOST header: 'evil.example.com'. You may need to add 'evil.example.com' to ALLOWED_HOSTS.", ("ignore",), "a scanner"),
    ("(venv) DeprecationWarning: datetime.utcnow() is deprecated", ("ignore", "unknown"), "Python"),
    ("org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe\n\tat org.apache.catalina.connector.OutputBuffer.realWriteBytes(OutputBuffer.java:353)", ("ignore",), "Tomcat: a client went away"),
    ('Traceback (most recent call last):\n  File "/usr/lib/python3/socketserver.py", line 683, in process_request_thread\nBrokenPipeError: [Errno 32] Broken pipe', ("ignore",), "Python: a client went away"),
    ("2026/02/01 10:00:00 http: TLS handshake error from 203.0.113.9:1234: EOF", ("ignore",), "Go"),
    ("ERROR while writing: Broken pipe\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'", (APPLICATION,), "noise beside an error of its own"),
    ("SIGTERM received, shutting down gracefully", ("ignore",), "a normal stop"),
    ("", ("unknown", "ignore"), "nothing"),
    ("lorem ipsum", ("unknown", "ignore"), "no sign of anything"),
)  # fmt: skip

OAC = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::portfolio-site/*", "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1ABC"}}}  # fmt: skip
HERE = {"distribution_id": "E1ABC", "account": "111122223333", "bucket": "portfolio-site"}
POLICIES: tuple[tuple[dict[str, object], tuple[str, ...]], ...] = (
    ({"policy": {"Version": "2012-10-17", "Statement": [OAC]}, **HERE}, ("ok",)),
    ({"policy": {"Version": "2012-10-17", "Statement": OAC}, **HERE}, ("ok",)),
    ({"policy": {"Version": "2012-10-17", "Statement": [{**OAC, "Resource": "arn:aws:s3:::another/*"}]}, **HERE}, (POLICY,)),
    ({"policy": {"Version": "2012-10-17", "Statement": [{**OAC, "Action": "s3:PutObject"}]}, **HERE}, (POLICY,)),
    ({"policy": {"Version": "2012-10-17", "Statement": [OAC, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::portfolio-site/*"}]}, **HERE}, (POLICY,)),
    ({"policy": {"Version": "2012-10-17", "Statement": []}, **HERE}, (POLICY, "unknown")),
    ({"policy": "no policy", **HERE}, ("unknown",)),
    ({"policy": None, **HERE}, (POLICY,)),
)  # fmt: skip
