"""One GET of a declared health path."""

import time

import urllib3

from ..core.edge import HttpAnswer
from ..core.errors import Retryable

TIMEOUT_S = 5.0  # ELB's own health-check timeout by default


def http_get(url: str) -> HttpAnswer:
    """Status and duration of one GET; redirects are not followed, certificates are checked.

    Raises:
        Retryable: nothing answered within 5 seconds.
    """
    started = time.monotonic()
    try:
        answer = urllib3.PoolManager().request("GET", url, timeout=TIMEOUT_S, retries=False, preload_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise Retryable(f"GET {url}: {type(error).__name__}") from error
    answer.release_conn()
    return HttpAnswer(answer.status, int((time.monotonic() - started) * 1000))
