"""The outside world's own door, `/_world`: acts that the driver makes happen and views of what was seen.

>>> @act("hurry_queue")
... def hurry_queue(queue, visibility_s): ...
>>> @view("denials")
... def denials(): return [...]
"""

import asyncio
import json
import traceback
from collections.abc import Callable
from typing import Any

from .patches import patch, silent

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
GLOBAL_REGION = "us-east-1"  # where CloudFront's metrics are, with the alarms on them
PREFIX = "/_world"
Answer = tuple[int, dict[str, str], bytes]

_acts: dict[str, Callable[..., Any]] = {}
_views: dict[str, Callable[[], Any]] = {}


def act(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Lets `POST /_world {"do": name, ...}` call the decorated function with the rest as keywords."""

    def declare(run: Callable[..., Any]) -> Callable[..., Any]:
        _acts[name] = run
        return run

    return declare


def view(name: str) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Lets `GET /_world/name` answer what the decorated function gives, as JSON."""

    def declare(look: Callable[[], Any]) -> Callable[[], Any]:
        _views[name] = look
        return look

    return declare


def in_account(run: Callable[[], Any], region: str = REGION) -> Any:
    """What `run` gives, run in the world's account and a region: ministack keeps its state by them."""
    from ministack.core.responses import _request_account_id, _request_region

    account, region = _request_account_id.set(ACCOUNT), _request_region.set(region)
    try:
        return run()
    finally:
        _request_account_id.reset(account)
        _request_region.reset(region)


def answer(method: str, path: str, body: bytes) -> Answer:
    """The answer to a request below `/_world`."""
    name = path.removeprefix(PREFIX).strip("/")
    try:
        if method == "GET":
            return _told(200, _views[name]()) if name in _views else _told(404, _unknown("view", name, _views))
        asked = json.loads(body or b"{}")
        do = asked.pop("do", "")
        if do not in _acts:
            return _told(404, _unknown("act", do, _acts))
        return _told(200, _acts[do](**asked))
    except Exception as error:  # noqa: BLE001  # the driver shall read what went wrong, whatever it was
        return _told(500, {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()})


@patch(
    of="ministack.app._handle_post_body_shortcuts",
    lacks="has no door for the world outside the account",
    still=silent("ministack.app._handle_post_body_shortcuts", PREFIX),
)
def open_the_door(original: Any) -> Any:
    """Answers `/_world` before any service is looked for; unsigned, since the server listens on loopback only."""

    async def shortcuts(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any], request_id: str
    ) -> Any:
        if path == PREFIX or path.startswith(f"{PREFIX}/"):
            return await asyncio.to_thread(in_account, lambda: answer(method, path, body))
        return await original(method, path, headers, body, query_params, request_id)

    return shortcuts


def _told(status: int, value: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value, default=str).encode()


def _unknown(kind: str, name: str, known: dict[str, Any]) -> dict[str, Any]:
    return {"error": f"no {kind} {name!r}", "known": sorted(known)}
