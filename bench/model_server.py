"""A model's endpoint that takes its time: `python -m bench.model_server LATENCY_S` prints its address.

Every answer comes after the same latency and proposes four moments of the transcript it was sent. Tokens are
counted as four characters each. A process of its own, so that its work is not counted as ours.
"""

import json
import re
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LINE = re.compile(r"^\[(\d+)\] (?:\w+: )?(.*)$", re.MULTILINE)
_SCORES = dict.fromkeys(("hook", "retention", "emotion", "clarity", "shareability"), 60)


def answer_to(call: dict[str, Any]) -> dict[str, Any]:
    """A completion with four moments of about a minute."""
    user = call["messages"][1]["content"]
    lines = _LINE.findall(user)
    step = max(1, len(lines) // 5)
    moments = [
        {
            "start_ms": int(lines[at][0]),
            "end_ms": int(lines[at][0]) + 60_000,
            "quote": lines[at][1],
            "hook": "Nobody tells you this",
            "title": "What nobody tells you",
            "category": "insight",
            "scores": _SCORES,
            "reason": "It is told well and stands alone.",
            "hashtags": ["one", "two"],
            "posts": {},
        }
        for at in range(0, len(lines) - 1, step)
    ][:4]
    text = json.dumps({"moments": moments})
    prompt = sum(len(message["content"]) for message in call["messages"])
    usage = {"prompt_tokens": prompt // 4, "completion_tokens": len(text) // 4}
    message = {"role": "assistant", "content": text, "refusal": None}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "bench"} | {
        "choices": [choice],
        "usage": usage | {"total_tokens": sum(usage.values())},
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    latency_s = 1.0

    def do_POST(self) -> None:
        started = time.monotonic()
        call = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps(answer_to(call)).encode()
        time.sleep(max(0.0, self.latency_s - (time.monotonic() - started)))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def main() -> None:
    _Handler.latency_s = float(sys.argv[1])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}/v1", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
