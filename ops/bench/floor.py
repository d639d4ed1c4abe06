"""The floor: what a careful engineer writes by hand for one service. No diagnosis, no gates, no proof, no ledger."""

import json
import os
from typing import Any

import boto3

ecs = boto3.client("ecs")
sns = boto3.client("sns")


def handle(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Forces a new deployment of the service whose task stopped, and tells people."""
    detail = event["detail"]
    cluster = detail["clusterArn"]
    name = detail["group"].removeprefix("service:")
    described = ecs.describe_services(cluster=cluster, services=[name])
    if not described["services"]:
        return {"changed": False, "why": "no such service"}
    service = described["services"][0]
    if service["status"] != "ACTIVE" or service["runningCount"] >= service["desiredCount"] > 0:
        print(json.dumps({"service": name, "running": service["runningCount"]}))
    ecs.update_service(cluster=cluster, service=name, forceNewDeployment=True)
    stopped = [
        f"{container['name']}: exit code {container.get('exitCode')} {container.get('reason', '')}"
        for container in detail.get("containers", [])
    ]
    message = "\n".join(
        (
            f"Service {name} in {cluster} was deployed anew.",
            f"Task {detail['taskArn']} had stopped: {detail.get('stoppedReason', '')}",
            *stopped,
        )
    )
    sns.publish(TopicArn=os.environ["TOPIC_HIGH"], Subject=f"{name}: redeployed", Message=message)
    return {"changed": True}
