"""The CDK application: what is declared, the bundle, the stack, and the checks on it."""

import os

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from remediator.problems import load_all

from .acknowledged import acknowledge, acknowledge_edge
from .bundle.build import build
from .declared import cdk_context, declared_from
from .edge_stack import edge_stack
from .stack import RemediatorStack


def application() -> App:
    """The application with its stack, and the one in us-east-1 where a distribution is declared, ready for `synth()`; the templates go where the CDK's CLI asks, else cdk.out."""
    app = App(outdir=os.environ.get("CDK_OUTDIR", "cdk.out"), context=dict(cdk_context()))
    runbooks = load_all()
    declared = declared_from(app.node.try_get_context)
    bundle = build(runbooks, declared.settings_json)
    stack = RemediatorStack(app, "Remediator", runbooks=runbooks, declared=declared, bundle=bundle)
    acknowledge(stack, runbooks, declared)
    if edge := edge_stack(app, declared.settings):
        acknowledge_edge(edge)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app
