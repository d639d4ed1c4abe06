"""The rows that the guide has: the contract that coverage is measured against. Ids only; a row is never removed.

`causes` of the nine problems, the ten codes of the error table, and the three recovery procedures.
"""

CAUSES: tuple[str, ...] = (
    "ecs_task_not_starting.insufficient_resources",
    "ecs_task_not_starting.missing_permissions",
    "ecs_task_not_starting.network_blocked",
    "ecs_task_not_starting.image_unavailable",
    "ecs_task_not_starting.invalid_task_definition",
    "ecs_task_restarting.health_check_failing",
    "ecs_task_restarting.out_of_memory",
    "ecs_task_restarting.application_error",
    "alb_targets_unhealthy.wrong_path",
    "alb_targets_unhealthy.wrong_port",
    "alb_targets_unhealthy.security_group_closed",
    "alb_targets_unhealthy.application_failing",
    "alb_gateway_errors.502",
    "alb_gateway_errors.503",
    "alb_gateway_errors.504",
    "alb_slow_response.task_resources",
    "alb_slow_response.dynamodb_latency",
    "alb_slow_response.network_congestion",
    "dynamodb_throttling.insufficient_capacity",
    "dynamodb_throttling.hot_key",
    "dynamodb_throttling.burst_traffic",
    "dynamodb_throttling.on_demand_maximum",
    "dynamodb_throttling.account_limit",
    "dynamodb_table_undeletable.in_use",
    "dynamodb_table_undeletable.backup_enabled",
    "dynamodb_table_undeletable.index_creating",
    "dynamodb_table_undeletable.deletion_protected",
    "cloudfront_not_delivering.bucket_policy",
    "cloudfront_not_delivering.distribution_origin",
    "cloudfront_not_delivering.stale_cache",
)
ERRORS: tuple[str, ...] = (
    "error.ecs.client_error",
    "error.ecs.resource_cpu",
    "error.ecs.resource_memory",
    "error.ecs.missing_attribute",
    "error.alb.502",
    "error.alb.503",
    "error.alb.504",
    "error.dynamodb.throughput_exceeded",
    "error.dynamodb.table_not_found",
    "error.dynamodb.invalid_parameter",
)
RECOVERIES: tuple[str, ...] = ("recovery.ecs", "recovery.dynamodb", "recovery.alb")
ROWS: tuple[str, ...] = (*CAUSES, *ERRORS, *RECOVERIES)
