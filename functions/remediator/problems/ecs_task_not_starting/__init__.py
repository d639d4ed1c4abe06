"""Tasks of an ECS service stop before they run, or cannot be placed at all.

Guide: ECS/Fargate, tasks do not start: insufficient resources, missing permissions, blocked network; and, added to it,
an image that is not available and a task definition that cannot be carried out.
May change: the service's task definition (roll back, or a copy of a size that Fargate runs, which is always asked);
one ingress rule on 443 from the tasks' security group into the one of VPC endpoints (always asked).
Never: roles and policies, routes, subnets, endpoints, addresses in a rule, images, task counts, capacity providers.
"""
