"""A clear word where the deployment's region does not offer Lambda durable functions."""

from aws_cdk import Aws, CfnRule, CfnRuleAssertion, Fn
from constructs import Construct


def require_region(scope: Construct, offered_in: tuple[str, ...]) -> None:
    """Makes CloudFormation refuse every other region before it creates anything (docs/why/0012)."""
    CfnRule(
        scope,
        "DurableFunctionsOffered",
        assertions=[
            CfnRuleAssertion(
                assert_=Fn.condition_contains(list(offered_in), Aws.REGION),
                assert_description=(
                    "Lambda durable functions are not known to be offered in this region. If AWS offers them here by "
                    "now, add the region to durable_regions in cdk.json and deploy again."
                ),
            )
        ],
    )
