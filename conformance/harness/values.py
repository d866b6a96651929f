"""Holds decoded JSON and CBOR values against a shape of botocore's models, to the last pattern.

botocore's own validator is for requests: it knows nothing of enumerations and patterns, and its
parser skips what a model does not name. Here an answer is compared as it was sent.
"""

import base64
import datetime
import functools

import regex

# Seconds since 1970 of the years 2000 and 2100: what is given in milliseconds lies outside.
SANE = (946_684_800, 4_102_444_800)

ISO = regex.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
RFC_822 = regex.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d GMT"
)


@functools.cache
def compiled(pattern):
    """The pattern as the models mean it; `None` for the few that only a UTF-16 engine can read."""
    try:
        return regex.compile(pattern)
    except regex.error:
        return None


def check(shape, value, at, binary=False):
    """All that is wrong with a value; `binary` for CBOR, whose times and bytes have types."""
    kind = shape.type_name
    if kind == "structure":
        return _structure(shape, value, at, binary)
    if kind == "list":
        return _list(shape, value, at, binary)
    if kind == "map":
        return _map(shape, value, at, binary)
    if kind == "timestamp":
        return _timestamp(shape, value, at, binary)
    if kind == "blob":
        return _blob(value, at, binary)
    return scalar(shape, value, at)


def scalar(shape, value, at):
    """Numbers, booleans and texts with their range, length, enumeration and pattern."""
    kind = shape.type_name
    if kind == "boolean":
        return [] if isinstance(value, bool) else [wrong(at, "boolean", value)]
    if kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            return [wrong(at, kind, value)]
        return _range(shape, value, at, "is")
    if kind in ("double", "float"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            if value in ("NaN", "Infinity", "-Infinity"):
                return []
            return [wrong(at, kind, value)]
        return _range(shape, value, at, "is")
    if kind in ("string", "character"):
        return text(shape, value, at)
    return [f"{at}: a shape of type `{kind}` is not known to this check"]


def text(shape, value, at):
    if not isinstance(value, str):
        return [wrong(at, "string", value)]
    problems = _range(shape, len(value), at, "has length")
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        problems.append(f"{at}: `{value}` is not in the enumeration {sorted(enum)[:12]}")
    pattern = shape.metadata.get("pattern")
    found = compiled(pattern) if pattern else None
    if found and not found.fullmatch(value):
        problems.append(f"{at}: `{value[:200]}` does not match `{pattern}`")
    return problems


def wrong(at, wanted, value):
    return f"{at}: {wanted} expected, {type(value).__name__} `{str(value)[:80]}` found"


def _range(shape, size, at, verb):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < float(least):
        return [f"{at}: {verb} {size}, at least {least} is allowed"]
    if most is not None and size > float(most):
        return [f"{at}: {verb} {size}, at most {most} is allowed"]
    return []


def _structure(shape, value, at, binary):
    if getattr(shape, "is_document_type", False):
        return []
    if not isinstance(value, dict):
        return [wrong(at, "structure", value)]
    names = {m.serialization.get("name", name): name for name, m in shape.members.items()}
    problems = missing(shape, {names.get(key) for key in value}, at)
    for key, inner in value.items():
        if key not in names:
            problems.append(f"{at}: `{key}` is not in the model")
        else:
            member = shape.members[names[key]]
            problems += check(member, inner, f"{at}.{key}", binary)
    return problems


def missing(shape, present, at):
    """Required members that are not there, and unions with none or several set."""
    problems = [
        f"{at}: `{name}` is required and missing"
        for name in shape.metadata.get("required", [])
        if name not in present
    ]
    if getattr(shape, "is_tagged_union", False) and len(present) != 1:
        problems.append(f"{at}: a union with {sorted(map(str, present))} set")
    return problems


def _list(shape, value, at, binary):
    if not isinstance(value, list):
        return [wrong(at, "list", value)]
    problems = _range(shape, len(value), at, "has length")
    for index, inner in enumerate(value):
        problems += check(shape.member, inner, f"{at}[{index}]", binary)
    return problems


def _map(shape, value, at, binary):
    if not isinstance(value, dict):
        return [wrong(at, "map", value)]
    problems = _range(shape, len(value), at, "has length")
    for key, inner in value.items():
        problems += text(shape.key, key, f"{at} (key)")
        problems += check(shape.value, inner, f"{at}.{key}", binary)
    return problems


def _timestamp(shape, value, at, binary):
    if binary:
        good = isinstance(value, datetime.datetime)
        return [] if good else [wrong(at, "tagged time", value)]
    form = shape.serialization.get("timestampFormat", "unixTimestamp")
    if form != "unixTimestamp":
        return time_text(form, value, at)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return [wrong(at, "seconds since 1970", value)]
    if not SANE[0] < value < SANE[1]:
        return [f"{at}: {value} is no time in seconds since 1970 of this century"]
    return []


def time_text(form, value, at):
    """A time written out, in a body (`iso8601`) or a header (`rfc822`)."""
    pattern = {"iso8601": ISO, "rfc822": RFC_822}[form]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        return [wrong(at, f"{form} time", value)]
    return []


def _blob(value, at, binary):
    if binary:
        return [] if isinstance(value, bytes) else [wrong(at, "bytes", value)]
    if not isinstance(value, str):
        return [wrong(at, "base64 text", value)]
    try:
        base64.b64decode(value, validate=True)
    except ValueError:
        return [f"{at}: `{value[:80]}` is not base64"]
    return []
