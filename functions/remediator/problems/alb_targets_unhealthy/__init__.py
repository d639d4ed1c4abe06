"""Targets of an Application Load Balancer are unhealthy.

Guide: Application Load Balancer, targets unhealthy: wrong health-check path, wrong port, closed security group; and,
added to it, the application itself failing.
May change: the target group's health-check path and port; registrations of targets that ECS does not manage; one
ingress rule from the load balancer's security group on one port (always asked).
Never: registrations of a service's targets, addresses in a rule, network ACLs, listeners, matchers, the load balancer.
"""
