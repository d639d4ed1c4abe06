"""A CloudFront distribution does not deliver what is in its bucket.

Guide: S3 and CloudFront: bucket policy, settings of the distribution, cached answers.
May change: the bucket's policy by one statement bound to this one distribution (always asked); cached copies of at most
15 named paths (all of them only after a person approved).
Never: other statements, a Deny, the public access block, key policies, the distribution's settings, objects.
"""

from ...core.runbook import Runbook
from ...core.text import Text
from . import bucket_policy, distribution_origin, stale_cache
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation, stack
from .triggers import TRIGGERS
from .verification import judge as delivered

RUNBOOK = Runbook(
    id=ID,
    title=Text("CloudFront does not deliver", "CloudFront でコンテンツが配信されない"),
    symptom=Text("requests to the distribution fail", "ディストリビューションへのリクエストが失敗している"),
    guide="S3 + CloudFront: content is not delivered",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(bucket_policy.CAUSE, distribution_origin.CAUSE, stale_cache.CAUSE),
    outcome=Outcome,
    judge=delivered,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
    stack=stack,
)
