"""Responses through an Application Load Balancer are slow.

Guide: Application Load Balancer, response time over 100 ms: tasks short of resources, DynamoDB latency, network congestion.
May change: the number of tasks by one step, or autoscaling's minimum where autoscaling owns the number; both only within
the declared ceiling.
Never: task definitions, autoscaling's maximum or policies, tables (handed over), zones, routes, rules.
"""
