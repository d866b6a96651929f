"""HTTP requests and responses as `azure-functions` has them."""

import json

HTTP = "httpTrigger"


def request_of(head, payload, parameters):
    """An HttpRequest of the user's package."""
    from urllib.parse import parse_qsl

    import azure.functions as func

    headers = {}
    for name, value in head["headers"]:
        headers[name] = headers[name] + "," + value if name in headers else value
    host = headers.get("host", "localhost")
    query = head["query"]
    url = "http://%s%s" % (host, head["path"]) + ("?" + query if query else "")
    return func.HttpRequest(
        method=head["method"],
        url=url,
        headers=headers,
        params=dict(parse_qsl(query, keep_blank_values=True)),
        route_params={name: value for name, value in parameters.items() if value is not None},
        body=bytes(payload),
    )


def response_of(value):
    """Status, headers and body of what a function returned."""
    if value is None:
        return 204, [], b""
    if isinstance(value, str):
        return 200, [["content-type", "text/plain; charset=utf-8"]], value.encode("utf-8")
    if isinstance(value, (bytes, bytearray)):
        return 200, [["content-type", "application/octet-stream"]], bytes(value)
    if hasattr(value, "get_body") and hasattr(value, "status_code"):
        headers = [[str(name), str(text)] for name, text in dict(value.headers).items()]
        if not any(name.lower() == "content-type" for name, _text in headers):
            kind = value.mimetype
            if value.charset and kind.startswith("text/"):
                kind = "%s; charset=%s" % (kind, value.charset)
            headers.append(["content-type", kind])
        return int(value.status_code), headers, value.get_body() or b""
    return 200, [["content-type", "application/json"]], json.dumps(value).encode("utf-8")
