"""The shape of a log message: what stays the same when the same thing is logged again about something else."""

import re

SHAPE_CHARS = 200
LOOKED_AT_CHARS = 600

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?:Z|[ ]?[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\d{1,2}/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?"), "<time>"),
    (re.compile(r"\b\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?\b"), "<time>"),
    (re.compile(r"\b\d{4}[-/]\d\d[-/]\d\d\b"), "<time>"),
    (re.compile(r"(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?::\d{1,5})?\b"), "<ip>"),
    (re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}(?::?[0-9a-f]{1,4})\b"), "<ip>"),
    (re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,5}\b"), "<address>"),
    (re.compile(r"\"(?:[^\"\\]|\\.){0,300}\"|(?<!\w)'(?:[^'\\]|\\.){0,300}'(?!\w)|`[^`]{0,300}`"), "<value>"),
    (re.compile(r"\?[^\s\"']{1,300}"), "?<query>"),
    (re.compile(r"\b0x[0-9a-fA-F]{1,64}\b"), "<id>"),
    (re.compile(r"\b(?=[0-9a-fA-F]{8,})(?=[a-fA-F]{0,64}\d)[0-9a-fA-F]{8,64}\b"), "<id>"),
    (re.compile(r"\b(?=[A-Za-z_-]{0,40}\d)(?=\w{0,40}[A-Za-z])[\w-]{16,80}\b"), "<id>"),
    (re.compile(r"(?<![A-Za-z<])[-+]?\d[\d,._]*(?:[eE][-+]?\d{1,3})?"), "<n>"),
    (re.compile(r"(?<=[A-Za-z_-])\d{2,}\b"), "<n>"),
)


def shape(message: str) -> str:
    """One line in which times, numbers, ids, addresses and quoted values stand as what they are."""
    text = " ".join(message[:LOOKED_AT_CHARS].split())
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text[:SHAPE_CHARS]
