"""The one GET: status, duration, and of the headers only what tells how old an answer is, bounded."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from remediator.aws.http import HEADER_CHARS, http_get
from remediator.core.errors import Retryable


class _Edge(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(404)
        self.send_header("X-Cache", "Error from cloudfront" + "!" * 1000)
        self.send_header("Age", "7")
        self.send_header("Set-Cookie", "session=secret")
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def address():
    server = HTTPServer(("127.0.0.1", 0), _Edge)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_an_answer_keeps_the_headers_that_tell_its_age_and_no_other(address):
    http_answer = http_get(address)
    assert (http_answer.status, http_answer.headers["age"]) == (404, "7")
    assert set(http_answer.headers) == {"age", "x-cache"}
    assert len(http_answer.headers["x-cache"]) == HEADER_CHARS


def test_where_nothing_answers_it_may_be_tried_again(address):
    with pytest.raises(Retryable):
        http_get(address.replace("127.0.0.1", "127.0.0.2").rsplit(":", 1)[0] + ":1/")
