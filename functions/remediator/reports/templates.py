"""How HTML is written: by templates in which all that is filled in is escaped."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined


@cache
def pages_from(loader: BaseLoader, finalize: Callable[..., Any] | None = None) -> Environment:
    """How every page of ours is written: a name without a value is a defect, and what is filled in adds no element.

    Args:
        loader: where the templates are.
        finalize: what becomes of each value before it is escaped; it gets the template's context first.
    """
    return Environment(
        loader=loader,
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
