"""Events that start `alb_gateway_errors`."""

from ...events.triggers import alarm_on

TRIGGERS = (
    alarm_on(
        "AWS/ApplicationELB",
        "HTTPCode_ELB_502_Count",
        "HTTPCode_ELB_503_Count",
        "HTTPCode_ELB_504_Count",
        "HTTPCode_ELB_5XX_Count",
        "HTTPCode_Target_5XX_Count",
    ),
)
