"""AWS for a fresh process: answers from a tape over HTTP, each after a fixed delay. `python -m ops.bench.replay`.

`GET /tape/<name>` rewinds and chooses a tape; `GET /told` says what was asked since.
"""

import base64
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

from .tape import Exchange, digest, operation, read

STATUS = {"START": "STARTED", "SUCCEED": "SUCCEEDED", "FAIL": "FAILED", "RETRY": "PENDING"}
NEVER = 4_000_000_000  # a wait of the replayed execution does not end


@dataclass(slots=True)
class Player:
    """One tape at a time.

    Attributes:
        unknown: operations that the tape does not have: the figures of such a run are worth nothing.
        inexact: operations that were answered by another request of the same operation.
    """

    tapes: Mapping[str, list[Exchange]]
    calls: int = 0
    checkpoints: int = 0
    inexact: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    _by_body: dict[tuple[str, str], list[Exchange]] = field(default_factory=dict)
    _by_operation: dict[str, list[Exchange]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def choose(self, name: str) -> None:
        """Rewinds to the start of that tape; counts begin anew."""
        with self._lock:
            self.calls, self.checkpoints, self.inexact, self.unknown = 0, 0, [], []
            by_body, by_operation = defaultdict(list), defaultdict(list)
            for kept in self.tapes[name]:
                by_body[kept.operation, kept.body].append(kept)
                by_operation[kept.operation].append(kept)
            self._by_body, self._by_operation = dict(by_body), dict(by_operation)

    def answer(self, asked: str, body: bytes) -> Exchange | None:
        """The next answer to that request; the last one again where there are no more."""
        with self._lock:
            self.calls += 1
            same = self._by_body.get((asked, digest(body)))
            if same is None:
                same = self._by_operation.get(asked)
                (self.unknown if same is None else self.inexact).append(asked)
            if not same:
                return None
            return same.pop(0) if len(same) > 1 else same[0]

    def told(self) -> Mapping[str, Any]:
        """The counts since the tape was chosen."""
        return {
            "calls": self.calls,
            "checkpoints": self.checkpoints,
            "inexact": self.inexact,
            "unknown": self.unknown,
        }


def checkpointed(body: bytes) -> bytes:
    """What Lambda answers to CheckpointDurableExecution: the operations as they stand now."""
    made = [_operation(update) for update in json.loads(body).get("Updates", ())]
    return json.dumps({"CheckpointToken": "next", "NewExecutionState": {"Operations": made}}).encode()


def _operation(update: Mapping[str, Any]) -> Mapping[str, Any]:
    response: dict[str, Any] = {k: update[k] for k in ("Id", "ParentId", "Name", "Type", "SubType") if k in update}
    response |= {"Status": STATUS.get(update["Action"], "STARTED"), "StartTimestamp": 1_800_000_000}
    if update["Type"] == "STEP":
        response["StepDetails"] = {"Attempt": 1, "Result": update.get("Payload")}
    if update["Type"] == "WAIT":
        response["WaitDetails"] = {"ScheduledEndTimestamp": NEVER}
    return response


class Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    player: ClassVar[Player]
    delay_s: ClassVar[float]

    def do_GET(self) -> None:  # the name is the package's
        """The bench's own requests; AWS's reads by GET are answered as any other."""
        path = urlsplit(self.path).path
        if path.startswith("/tape/"):
            self.player.choose(unquote(path.removeprefix("/tape/")))
            self._send(204, {}, b"")
        elif path == "/told":
            self._send(200, {}, json.dumps(self.player.told()).encode())
        else:
            self.do_POST()

    def do_POST(self) -> None:
        """A request of AWS."""
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        time.sleep(self.delay_s)
        path = urlsplit(self.path).path
        if path.endswith("/checkpoint"):
            self.player.checkpoints += 1
            self._send(200, {"content-type": "application/json"}, checkpointed(body))
            return
        asked = operation({k.lower(): v for k, v in self.headers.items()}, path, body)
        kept = self.player.answer(asked, body)
        if kept is None:
            self._send(400, {}, b"")
            return
        self._send(kept.status, kept.headers, base64.b64decode(kept.answer))

    do_PUT = do_POST  # noqa: N815

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        head = [f"HTTP/1.1 {status} {'OK' if status < 300 else 'Error'}", f"content-length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        self.wfile.write("\r\n".join((*head, "", "")).encode("latin-1") + body)

    def log_message(self, *_: object) -> None:
        """Says nothing: there are thousands."""


def main(tapes: str, delay_ms: str) -> None:
    """Prints the port and serves until it is ended."""
    Handler.player = Player(read(Path(tapes).read_text()))
    Handler.delay_s = float(delay_ms) / 1000
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
