"""The product on an emulator: the very template of `make synth`, beside the portfolio that it watches.

>>> with Emulator() as emulator:
...     portfolio = deploy_portfolio(emulator, mode="auto")
...     product = deploy_product(emulator, portfolio)
...     product.outputs["TopicHigh"]
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from infra.declared import cdk_context
from remediator.core.ports import GLOBAL_REGION

from .assembly import Assembly, synthesise
from .emulator_process import REGION, Emulator
from .portfolio import Portfolio, deploy_portfolio
from .stacks import Change, Deployed, DeploymentError, bootstrap, changed, deploy

EDGE = "RemediatorEdge"

__all__ = ["Deployed", "DeploymentError", "Portfolio", "deploy_portfolio", "deploy_product"]


def deploy_product(
    emulator: Emulator,
    portfolio: Portfolio | None = None,
    *,
    switch: str = "auto",
    change: Change | None = None,
    assembly: Assembly | None = None,
) -> Deployed:
    """The product's own stack from the very template of `make synth`, its switch set afterwards as the README says.

    Args:
        portfolio: whose load balancer and targets the alarms watch; none: those alarms are left out.
        switch: off, observe, approve or auto.
        change: what a test alters in the template; none: the bytes that `make synth` wrote.
        assembly: another one than that of this checkout.

    Raises:
        DeploymentError: with the reasons.
    """
    assembly = assembly or synthesise(declaring(portfolio))
    bootstrap(emulator)
    for asset in assembly.assets():
        emulator.client("s3").put_object(Bucket=asset.bucket, Key=asset.key, Body=asset.content())
    body = assembly.template_file.read_text()
    watched = portfolio.watched if portfolio else None
    if (edge := replace(assembly, stack=EDGE)).template_file.is_file():
        deploy(emulator.in_region(GLOBAL_REGION), EDGE, edge.template_file.read_text(), {"HomeRegion": REGION})
    product = deploy(emulator, assembly.stack, changed(body, change), watched)
    emulator.client("ssm").put_parameter(Name=product.outputs["Switch"], Value=switch, Type="String", Overwrite=True)
    return product


def declaring(portfolio: Portfolio | None) -> Mapping[str, Any]:
    """The context that declares the portfolio's distribution; empty where it has none, for it is told at synthesis only."""
    if portfolio is None or not portfolio.site:
        return {}
    declared = cdk_context()["remediator"]
    first, *others = declared["workloads"]
    return {"remediator": {**declared, "workloads": [{**first, **portfolio.site}, *others]}}
