"""HTTP requests, responses and routes as `azure-functions` and its host have them."""

import re

from ..faults import LoadFault

HTTP = "httpTrigger"
# Constraints of routes (ASP.NET Core, "Route constraints"), as far as they are patterns.
CONSTRAINTS = {
    "alpha": "[A-Za-z]+",
    "bool": "(?i:true|false)",
    "decimal": r"-?[0-9]+(?:\.[0-9]+)?",
    "double": r"-?[0-9]+(?:\.[0-9]+)?",
    "float": r"-?[0-9]+(?:\.[0-9]+)?",
    "guid": "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    "int": "-?[0-9]+",
    "long": "-?[0-9]+",
}


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
    """Status, headers and body of what a function returned; anything but a response or a text is
    an error, as it is to Azure's worker."""
    if value is None:
        return 204, [], b""
    if isinstance(value, str):
        return 200, [["content-type", "text/plain; charset=utf-8"]], value.encode("utf-8")
    if hasattr(value, "get_body") and hasattr(value, "status_code"):
        # A name may be there several times: cookies.
        headers = [[str(name), str(text)] for name, text in value.headers.items()]
        if not any(name.lower() == "content-type" for name, _text in headers):
            kind = value.mimetype
            if value.charset and kind.startswith("text/"):
                kind = "%s; charset=%s" % (kind, value.charset)
            headers.append(["content-type", kind])
        return int(value.status_code), headers, value.get_body() or b""
    raise TypeError("a function with an HTTP trigger returns an `azure.functions.HttpResponse` or "
                    "a str, not %s" % type(value).__name__)


def route_pattern(route, function):
    """The pattern of a route, and how little it says: how many of its parts take anything.

    Parameters are `{name}`, `{name?}`, `{name:int}`, `{*rest}`.
    """
    parts, loose, rest = [], 0, 0
    for part in route.split("/"):
        inner = part[1:-1] if part.startswith("{") and part.endswith("}") else None
        if inner is None:
            if "{" in part or "}" in part:
                raise LoadFault("the function `%s` has the route `%s`; a parameter must be a whole "
                                "part of it" % (function, route))
            parts.append("/" + re.escape(part) if part else "")
        elif inner.startswith("*"):
            rest = 1
            parts.append("(?:/(?P<%s>.*))?" % inner.lstrip("*"))
        else:
            loose += 1
            parts.append(_parameter(inner, function, route))
    text = "".join(parts)
    # The first part has no slash before it.
    text = re.sub(r"^(\(\?:)?/", lambda found: found.group(1) or "", text)
    return re.compile(text, re.IGNORECASE), (rest, loose)


def _parameter(inner, function, route):
    optional = inner.endswith("?")
    name, *constraints = inner.rstrip("?").split(":")
    if not name.isidentifier():
        raise LoadFault("the function `%s` has the route `%s`, in which `%s` is no name"
                        % (function, route, name))
    if len(constraints) > 1 or any(one not in CONSTRAINTS for one in constraints):
        raise LoadFault("the function `%s` has the route `%s`, whose constraint is not served; "
                        "these are: %s" % (function, route, ", ".join(sorted(CONSTRAINTS))))
    shape = CONSTRAINTS[constraints[0]] if constraints else "[^/]+"
    pattern = "/(?P<%s>%s)" % (name, shape)
    return "(?:%s)?" % pattern if optional else pattern
