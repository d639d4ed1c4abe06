"""Requests to a DynamoDB table or one of its indexes are throttled.

Guide: DynamoDB, throttling: capacity too low, hot key, burst traffic; and on-demand maximum, account limit.
May change: provisioned units of the table or one index, the bounds of their autoscaling, the billing mode, on-demand
maxima, Contributor Insights for throttled keys. Never: items, keys, indexes, tags; capacity that somebody unknown may
own; capacity for a hot key, which more capacity does not help.
"""
