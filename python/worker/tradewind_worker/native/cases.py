"""Requests and what the Python worker answers to them, for comparing with the server's own answers.

They are random rows, rows that sit exactly on the model's thresholds and next to them, missing and
extreme values, every media type, and requests that must be refused. A case that raises here is one
that the server must not answer by itself.
"""

import json
import math

from ..faults import Refused
from ..media import CSV, JSON, NPY, MediaType

ROUNDS = 20
ROWS = 50
SINGLES = 40


class Numbers:
    """A column of numbers: about where they lie, and values that are telling."""

    def __init__(self, center=0.0, spread=1.0, telling=()):
        self._center, self._spread = center, spread
        self._telling = list(telling)

    def random(self, random, count):
        return (self._center + 2 * self._spread * random.standard_normal(count)).tolist()

    def edge(self, random, count):
        import numpy

        if not self._telling:
            return self.random(random, count)
        chosen = random.choice(numpy.asarray(self._telling, dtype=float), count)
        moved = random.integers(0, 5, count)
        single = numpy.float32(chosen)
        up, down = numpy.float32(numpy.inf), numpy.float32(-numpy.inf)
        neighbours = [chosen, numpy.nextafter(single, up), numpy.nextafter(single, down), single,
                      numpy.nextafter(chosen, numpy.inf)]
        return [float(neighbours[move][at]) for at, move in enumerate(moved)]


class Choice:
    """A column of categories."""

    def __init__(self, values):
        self._values = list(values)

    def random(self, random, count):
        return [self._values[at] for at in random.integers(0, len(self._values), count)]

    edge = random


def columns(head, writer):
    """What each column of a request may hold, by what the form does with it."""
    found = [Numbers() for _ in range(head["features"])]
    if head["steps"]:
        _of_step(head["steps"][0], list(range(head["features"])), found, writer)
    elif head["model"]["kind"] == "trees":
        _of_trees(head["model"], found, writer)
    return found


def _of_trees(model, found, writer):
    import numpy

    inner = writer.kept[model["left"]] >= 0
    features, thresholds = writer.kept[model["feature"]][inner], writer.kept[model["threshold"]][inner]
    for feature in numpy.unique(features):
        telling = thresholds[features == feature].astype(float)
        telling = telling[numpy.isfinite(telling)]
        if len(telling):
            spread = float(telling.std()) or abs(float(telling[0])) or 1.0
            found[feature] = Numbers(float(numpy.median(telling)), spread, telling[:1000])


def _of_step(step, places, found, writer):
    if step["kind"] == "columns":
        for part in step["parts"]:
            if part["steps"]:
                _of_step(part["steps"][0], [places[at] for at in part["take"]], found, writer)
    elif step["kind"] == "elementwise":
        for at, place in enumerate(places):
            found[place] = _of_arithmetic(step["operations"], at, writer)
    elif step["kind"] == "impute":
        for column, fill in zip(writer.kept[step["keep"]], writer.kept[step["fill"]]):
            found[places[column]] = Numbers(float(fill), abs(float(fill)) or 1.0)
    else:
        for place, encoder in zip(places, step["columns"]):
            categories = encoder["categories"]
            values = categories.get("texts")
            if values is None:
                values = [v for v in writer.kept[categories["numbers"]].tolist() if v == v]
            found[place] = Choice(values) if values else Numbers()


def _of_arithmetic(operations, at, writer):
    center, spread = 0.0, 1.0
    for operation in operations:
        for kind, array in operation.items():
            if kind == "subtract":
                center = float(writer.kept[array][at])
            elif kind == "divide":
                spread = float(writer.kept[array][at])
            elif kind == "multiply":
                spread = 1.0 / float(writer.kept[array][at] or 1.0)
            elif kind == "add":
                center = -float(writer.kept[array][at]) * spread
    return Numbers(center, spread)


def ask(handler, columns, scores):
    """All cases with their answers, as JSON."""
    import numpy

    random = numpy.random.default_rng(20)
    rows = lambda how, count: [list(row) for row in zip(*(getattr(c, how)(random, count) for c in columns))]
    plain = all(isinstance(column, Numbers) for column in columns)
    asked = []
    for number in range(ROUNDS):
        batch = rows("edge" if number % 2 else "random", ROWS)
        asked.append(_case(handler, JSON, _json(batch)))
        if plain:
            asked[-1]["scores"] = _scores(scores, batch)
    for number in range(SINGLES):
        [row] = rows("edge" if number % 2 else "random", 1)
        asked.append(_case(handler, JSON, _json([row])))
    for media, accept, body in _forms(rows("random", 3), handler.model, numpy, plain):
        asked.append(_case(handler, media, body, accept))
    for batch in _extremes(rows("random", 3), plain):
        asked.append(_case(handler, JSON, _json(batch)))
    for body in ("", "[]", "{}", "[[]]", "null", "[1, [2]]", "{\"instances\": 3}", "[[1], [1, 2]]"):
        asked.append(_case(handler, JSON, body.encode("utf-8")))
    return json.dumps(asked).encode("ascii")


def _scores(scores, batch):
    import numpy

    try:
        found = numpy.asarray(scores(numpy.array(batch, dtype=float)), dtype=float).ravel().tolist()
        return [score if math.isfinite(score) else None for score in found]
    except Exception:
        return None


def _json(batch):
    return json.dumps([[None if _missing(cell) else cell for cell in row] for row in batch]).encode("utf-8")


def _missing(cell):
    return isinstance(cell, float) and math.isnan(cell)


def _forms(rows, model, numpy, plain):
    """The same rows in every form that a request may have."""
    names = getattr(model, "feature_names_in_", None)
    names = ["c%d" % at for at in range(len(rows[0]))] if names is None else [str(n) for n in names]
    split = {"columns": names, "data": rows}
    backwards = {"columns": names[::-1], "data": [row[::-1] for row in rows]}
    columns = {name: [row[at] for row in rows] for at, name in enumerate(names)}
    records = [dict(zip(names, row)) for row in rows]
    for body in (
        {"instances": rows}, {"inputs": rows}, {"inputs": columns}, {"instances": records},
        {"dataframe_split": split}, {"dataframe_split": backwards}, {"dataframe_records": records},
        {"input_data": rows}, {"input_data": split}, split, {"data": rows}, rows[0],
        {"instances": rows, "parameters": {"a": [1, {"b": None}]}, "more": "x"},
    ):
        for accept in ("*/*", CSV):
            yield JSON, accept, json.dumps(body).encode("utf-8")
    for accept in ("", JSON, NPY, "text/html, application/json", "text/html"):
        yield JSON, accept, json.dumps(rows).encode("utf-8")
    lines = [",".join(str(cell) for cell in row) for row in rows]
    for media in (CSV, CSV + "; header=absent", CSV + "; header=present"):
        yield media, "*/*", "\n".join(lines).encode("utf-8")
        yield media, CSV, ("\r\n".join([",".join(names)] + lines) + "\r\n").encode("utf-8")
    if plain:
        for kind in ("FP64", "FP32", "INT64"):
            yield JSON + "; datatype=" + kind, "*/*", json.dumps({"instances": rows}).encode("utf-8")
        for kind in ("f8", "f4", "i8", "i4", "u1", "f2"):
            yield NPY, NPY, _npy(numpy.array(rows).astype(kind))
        yield NPY, JSON, _npy(numpy.asfortranarray(numpy.array(rows)))
        yield NPY, JSON, _npy(numpy.array(rows)[0])


def _npy(array):
    import io

    import numpy

    out = io.BytesIO()
    numpy.save(out, array)
    return out.getvalue()


def _extremes(rows, plain):
    """Missing, infinite, huge, tiny and whole values, and columns too few or too many."""
    width = len(rows[0])
    values = [float("nan"), 1e300, -1e300, 1e39, 1e-300, 5e-324, -0.0, 0, 1, -1, True, "x", 2**53 + 1, 2**70]
    for value in values if plain else ["x", float("nan"), 0]:
        for place in {0, width - 1}:
            changed = [list(row) for row in rows]
            changed[1][place] = value
            yield changed
        yield [[value] * width]
    yield [[float("inf")] * width]
    yield [row[:-1] for row in rows]
    yield [row + [0.5] for row in rows]
    yield [[int(cell) if isinstance(cell, float) and abs(cell) < 1e9 else cell for cell in row] for row in rows]


def _case(handler, media, body, accept="*/*"):
    case = {"content_type": media, "accept": accept, "body": body.decode("latin-1")}
    try:
        answer = handler.answer(body, MediaType(media), accept or "*/*")
    except (Refused, Exception):
        return case
    case["answer"] = {
        "content_type": answer.content_type,
        "body": bytes(answer.body).decode("latin-1"),
        "datatype": answer.datatype,
    }
    return case
