"""Events that start `alb_targets_unhealthy`."""

from ...events.triggers import alarm_on

TRIGGERS = (alarm_on("AWS/ApplicationELB", "UnHealthyHostCount", "HealthyHostCount"),)
