"""The signed POST as a server gets it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest

from ops.deployment import signed
from remediator.core.errors import ForAPerson

SESSION = boto3.Session(
    aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="x", region_name="ap-northeast-1"
)  # opens nothing


@pytest.fixture
def server():
    seen, answers = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.append((dict(self.headers), json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            status, body = answers.pop()
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}/", seen, answers
        made.shutdown()


def test_the_answer_is_sent_signed_for_lambda_in_the_region(server):
    url, seen, answers = server
    answers.append((409, '{"accepted": false, "why": "expired"}'))
    response = signed.post(SESSION, url, {"reference": "r", "answer": "approve"})
    assert response == {"accepted": False, "why": "expired"}
    ((headers, body),) = seen
    assert body == {"reference": "r", "answer": "approve"}
    assert "/ap-northeast-1/lambda/aws4_request" in headers["Authorization"]


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, '{"Message":"Forbidden"}', "lambda:InvokeFunctionUrl"),
        (502, "<html>", "answered 502"),
        (200, "[]", "answered 200"),
    ],
)
def test_what_is_no_answer_of_the_function_is_said_in_words(server, status, body, words):
    url, _, answers = server
    answers.append((status, body))
    with pytest.raises(ForAPerson, match=words):
        signed.post(SESSION, url, {})


def test_nobody_there_and_no_credentials_are_said_in_words(monkeypatch):
    with pytest.raises(ForAPerson, match=r"127\.0\.0\.1"):
        signed.post(SESSION, "http://127.0.0.1:9/", {})
    monkeypatch.setattr(boto3.Session, "get_credentials", lambda _: None)
    with pytest.raises(ForAPerson, match="no usable AWS credentials"):
        signed.request(SESSION, "http://127.0.0.1:9/", {})
