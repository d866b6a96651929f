"""One request to an ASGI application, without a socket between."""

import asyncio
from urllib.parse import unquote


def call(application, head, payload):
    """Status, headers and body of what an application answers."""
    return asyncio.run(_call(application, head, payload))


async def _call(application, head, payload):
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": head["method"],
        "scheme": "http",
        "path": unquote(head["path"]),
        "raw_path": head["path"].encode("ascii", "replace"),
        "query_string": head["query"].encode("ascii", "replace"),
        "root_path": "",
        "headers": [(name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
                    for name, value in head["headers"]],
        "client": (head["source"], 0),
        "server": ("localhost", 80),
    }
    pending = [{"type": "http.request", "body": bytes(payload), "more_body": False}]
    sent = {"status": 500, "headers": [], "body": []}
    over = asyncio.Event()

    async def receive():
        if pending:
            return pending.pop()
        # Who asks again waits for the caller to leave.
        await over.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            sent["status"] = int(message["status"])
            sent["headers"] = [[name.decode("latin-1"), value.decode("latin-1")]
                               for name, value in message.get("headers") or ()]
        elif message["type"] == "http.response.body":
            sent["body"].append(bytes(message.get("body") or b""))
            if not message.get("more_body"):
                over.set()

    await application(scope, receive, send)
    return sent["status"], sent["headers"], b"".join(sent["body"])
