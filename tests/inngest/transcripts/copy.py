#!/usr/bin/env python3
"""Copies recorded transcripts to where the tests read them: `copy.py FOLDER`.

Kept is what is compared: calls and their answers, and what was sent to the server. JavaScript's stacks are cut to their first line.
"""

import json
import pathlib
import sys

FILES = ["plain-calls.jsonl", "plain-outgoing.jsonl", "checkpointing-calls.jsonl", "checkpointing-outgoing.jsonl"]
REQUEST_HEADERS = ["content-type", "x-inngest-generation-id", "x-inngest-req-version", "x-inngest-step-id", "x-request-id", "x-inngest-event-id-seed"]
RESPONSE_HEADERS = ["content-type", "retry-after", "x-inngest-no-retry", "x-inngest-req-version", "x-inngest-sdk-handled", "x-inngest-sync-kind"]


def cut(value):
    if isinstance(value, dict):
        return {key: cut_stack(key, cut(inner)) for key, inner in value.items()}
    if isinstance(value, list):
        return [cut(inner) for inner in value]
    return value


def cut_stack(key, value):
    return value.split("\n")[0] if key == "stack" and isinstance(value, str) else value


def kept(line):
    record = json.loads(line)
    for name, headers in [("request_headers", REQUEST_HEADERS), ("response_headers", RESPONSE_HEADERS)]:
        if name in record:
            record[name] = {key: value for key, value in record[name].items() if key in headers}
    return json.dumps(cut(record), ensure_ascii=False, separators=(",", ":"))


source, target = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
for name in FILES:
    lines = (source / name).read_text().splitlines()
    (target / name).write_text("".join(kept(line) + "\n" for line in lines))
