"""Writes down what the published models allow in requests, in the form that `validation` reads.

    python crates/aws/model/extract.py   # in an environment that has botocore

For each service one JSON file: `operations` names the request's shape of each operation, `shapes`
says of each shape its type (`t`), members (`m`), required members (`r`), pattern (`p`), values
(`e`), bounds (`min`, `max`), element (`of`), key and value (`k`, `v`).
"""

import json
import pathlib

import botocore.loaders

SERVICES = ["sagemaker", "logs", "budgets", "ce"]
HERE = pathlib.Path(__file__).parent


def shape_of(shape):
    kind = shape["type"]
    kept = {"t": kind}
    if kind == "structure":
        kept["m"] = {name: member["shape"] for name, member in shape["members"].items()}
        if shape.get("required"):
            kept["r"] = shape["required"]
    if kind == "list":
        kept["of"] = shape["member"]["shape"]
    if kind == "map":
        kept["k"], kept["v"] = shape["key"]["shape"], shape["value"]["shape"]
    for ours, theirs in (("p", "pattern"), ("e", "enum"), ("min", "min"), ("max", "max")):
        if theirs in shape:
            kept[ours] = shape[theirs]
    return kept


def extract(service):
    model = botocore.loaders.Loader().load_service_model(service, "service-2")
    operations, shapes = {}, {}
    waiting = []
    for name, operation in sorted(model["operations"].items()):
        if "input" in operation:
            operations[name] = operation["input"]["shape"]
            waiting.append(operation["input"]["shape"])
    while waiting:
        name = waiting.pop()
        if name in shapes:
            continue
        shapes[name] = shape_of(model["shapes"][name])
        kept = shapes[name]
        waiting += list(kept.get("m", {}).values())
        waiting += [kept[key] for key in ("of", "k", "v") if key in kept]
    return {"operations": operations, "shapes": dict(sorted(shapes.items()))}


def lines(extracted):
    """One shape a line, so that a new version's changes can be read."""
    parts = []
    for part in ("operations", "shapes"):
        rows = [
            "%s: %s" % (json.dumps(name), json.dumps(value, separators=(",", ":")))
            for name, value in extracted[part].items()
        ]
        parts.append('"%s": {\n%s\n}' % (part, ",\n".join(rows)))
    return "{%s}\n" % ",\n".join(parts)


for service in SERVICES:
    (HERE / (service + ".json")).write_text(lines(extract(service)))
