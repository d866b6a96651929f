"""Records: how a file is split into them, what of each the model sees, what is written of each."""

import csv
import io
import json

from ..faults import Refused
from .. import media
from . import paths

JSON_LINES = "application/jsonlines"


class Work:
    """What is done to each record, by the job's settings."""

    def __init__(self, settings):
        self._lines = settings["split"] == "Line"
        self._several = settings["several"]
        self._content = media.MediaType(settings["content_type"]).name
        self._input = paths.parse(settings["input_filter"] or "$")
        self._output = paths.parse(settings["output_filter"] or "$")
        self._join = settings["join"] == "Input"
        self._plain = self._input == self._output == () and not self._join

    def batches(self, source, most):
        """Lists of records, each list no longer than a payload may be when it has several."""
        if not self._lines:
            yield [source.read()]
            return
        batch, size = [], 0
        for line in source:
            line = line.rstrip(b"\r\n")
            if not line:
                continue
            if batch and (not self._several or (most and size + len(line) + 1 > most)):
                yield batch
                batch, size = [], 0
            batch.append(line)
            size += len(line) + 1
        if batch:
            yield batch

    def payload(self, batch):
        """What the model is asked with."""
        if self._input != ():
            batch = [self._write(paths.walk(self._read(one), self._input)) for one in batch]
        return b"\n".join(batch)

    def answers(self, batch, body, content_type):
        """What is written: the answer as it is, or for each record what the filters leave."""
        if self._plain:
            return [body]
        kind = media.MediaType(content_type).name
        parts = _parts(body, kind, len(batch))
        if len(parts) != len(batch):
            text = "%d answers to %d records cannot be joined or filtered; use SingleRecord"
            raise Refused(400, text % (len(parts), len(batch)))
        written = []
        for record, part in zip(batch, parts):
            joined = self._joined(self._read(record), part) if self._join else part
            written.append(self._write(paths.walk(joined, self._output)))
        return [one + b"\n" for one in written] if self._lines else written

    def _joined(self, record, part):
        if self._content == media.CSV:
            return record + (part if isinstance(part, list) else [part])
        if isinstance(record, dict):
            return {**record, "SageMakerOutput": part}
        return {"SageMakerInput": record, "SageMakerOutput": part}

    def _read(self, record):
        text = record.decode("utf-8")
        if self._content == media.CSV:
            rows = list(csv.reader(io.StringIO(text)))
            return rows[0] if len(rows) == 1 else rows
        return json.loads(text)

    def _write(self, value):
        if self._content != media.CSV:
            return json.dumps(value).encode()
        cells = value if isinstance(value, list) else [value]
        text = io.StringIO()
        rows = cells if cells and isinstance(cells[0], list) else [cells]
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().rstrip("\n").encode()


def _parts(body, kind, count):
    """An answer as one value a record."""
    text = body.decode("utf-8")
    if kind in (media.CSV, "text/plain"):
        return list(csv.reader(io.StringIO(text)))
    if kind == JSON_LINES:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    value = json.loads(text)
    if count == 1:
        return [value]
    if isinstance(value, dict) and isinstance(value.get("predictions"), list):
        value = value["predictions"]
    return value if isinstance(value, list) else [value]
