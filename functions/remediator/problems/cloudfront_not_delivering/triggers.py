"""Events that start `cloudfront_not_delivering`."""

from ...events.triggers import alarm_on

TRIGGERS = (
    alarm_on(
        "AWS/CloudFront",
        "4xxErrorRate",
        "5xxErrorRate",
        "TotalErrorRate",
        *(f"{code}ErrorRate" for code in (401, 403, 404, 502, 503, 504)),
        "OriginLatency",
    ),
)
