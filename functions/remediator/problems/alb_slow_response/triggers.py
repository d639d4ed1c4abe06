"""Events that start `alb_slow_response`."""

from ...events.triggers import alarm_on

TRIGGERS = (alarm_on("AWS/ApplicationELB", "TargetResponseTime"),)
