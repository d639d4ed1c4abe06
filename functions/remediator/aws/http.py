"""One GET of a declared health path."""

import time

import urllib3

from ..core.errors import Retryable
from ..core.ports import HEADERS_KEPT, HttpAnswer

HEADER_CHARS = 200
TIMEOUT_S = 5.0  # ELB's own health-check timeout by default


def http_get(url: str) -> HttpAnswer:
    """Status, duration and a few headers of one GET; redirects are not followed, certificates are checked.

    Raises:
        Retryable: nothing answered within 5 seconds.
    """
    started = time.monotonic()
    try:
        answer = urllib3.PoolManager().request("GET", url, timeout=TIMEOUT_S, retries=False, preload_content=False)
    except urllib3.exceptions.HTTPError as error:
        raise Retryable(f"GET {url}: {type(error).__name__}") from error
    answer.release_conn()
    kept = {name: answer.headers[name][:HEADER_CHARS] for name in HEADERS_KEPT if name in answer.headers}
    return HttpAnswer(answer.status, int((time.monotonic() - started) * 1000), kept)
