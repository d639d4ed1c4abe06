"""How a recovery by hand says that it is not done."""

from ..model import Advise
from ..text import Text


def refused(en: str, ja: str) -> Advise:
    """Not done, and why; `en` and `ja` are clauses without their end."""
    return Advise(Text(f"Not done: {en}.", f"実施しません: {ja}。"))
