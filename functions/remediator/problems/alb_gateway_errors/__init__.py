"""An Application Load Balancer answers 5xx itself, or passes on those of the application.

Guide: Application Load Balancer, error codes 502 (target does not answer properly), 503 (no healthy target), 504
(target too slow); and, added to them, 5xx that the application itself answers.
May change: the desired count of a service that was scaled to zero, back to what it was; the load balancer's idle timeout
(always asked). What lies behind another problem is handed over to that one's runbook.
Never: counts above what ran before, autoscaling's bounds, targets, listeners, schedules.
"""
