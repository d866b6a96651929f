"""The part of JSONPath that batch transform knows: `$`, `.name`, `['a','b']`, `[0]`, `[-1]`,
`[0,2]`, `[1:]`."""

import re

STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_\-]*)|\[([^\]]*)\]")


def parse(text):
    """A path as a tuple of steps; ValueError when it is none."""
    if not text.startswith("$"):
        raise ValueError("the JSONPath `%s` must begin with `$`" % text)
    steps, at = [], 1
    while at < len(text):
        found = STEP.match(text, at)
        if not found:
            raise ValueError("the JSONPath `%s` is not served" % text)
        name, inner = found.groups()
        steps.append(("names", [name], True) if name else _bracket(inner, text))
        at = found.end()
    return tuple((kind, tuple(what) if isinstance(what, list) else what, one) for kind, what, one in steps)


def _bracket(inner, text):
    inner = inner.strip()
    parts = [part.strip() for part in inner.split(",")]
    if all(len(part) > 1 and part[0] == part[-1] and part[0] in "'\"" for part in parts):
        return "names", [part[1:-1] for part in parts], len(parts) == 1
    if re.fullmatch(r"-?\d*:-?\d*", inner):
        first, last = inner.split(":")
        return "slice", (int(first) if first else None, int(last) if last else None), False
    if all(re.fullmatch(r"-?\d+", part) for part in parts):
        return "places", [int(part) for part in parts], len(parts) == 1
    raise ValueError("the JSONPath `%s` is not served" % text)


def walk(value, steps):
    """What a path leads to."""
    for kind, what, one in steps:
        if kind == "names":
            value = value[what[0]] if one else {name: value[name] for name in what}
        elif kind == "slice":
            value = value[what[0] : what[1]]
        else:
            value = value[what[0]] if one else [value[place] for place in what]
    return value
