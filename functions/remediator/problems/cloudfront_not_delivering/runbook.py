"""The table of `cloudfront_not_delivering`: its rows in the guide's order, evidence, verification."""

from ...core.runbook import Runbook
from ...core.text import Text
from . import bucket_policy, distribution_origin, stale_cache
from .evidence import Evidence, Outcome
from .facts import ID, current_values, opt_in_tag, situation
from .triggers import TRIGGERS
from .verification import judge

RUNBOOK = Runbook(
    id=ID,
    title=Text("CloudFront does not deliver", "CloudFront でコンテンツが配信されない"),
    symptom=Text("requests to the distribution fail", "ディストリビューションへのリクエストが失敗している"),
    guide="S3 + CloudFront: content is not delivered",
    triggers=TRIGGERS,
    evidence=Evidence,
    causes=(bucket_policy.CAUSE, distribution_origin.CAUSE, stale_cache.CAUSE),
    outcome=Outcome,
    judge=judge,
    opt_in_tag=opt_in_tag,
    current_values=current_values,
    situation=situation,
)
