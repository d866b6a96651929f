"""A table sent as Arrow and the predictions read as Arrow, by pyarrow and plain HTTP."""

import json
import sys
import urllib.error
import urllib.request

import pyarrow

address, key = sys.argv[1:]
STREAM = "application/vnd.apache.arrow.stream"


def ask(body, content_type=STREAM):
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type, "Accept": STREAM}
    request = urllib.request.Request(address, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.headers["content-type"], pyarrow.ipc.open_stream(answer.read()).read_all().to_pydict()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def written(opened):
    table = pyarrow.table({"a": [1.5, 2.5], "b": [1, 2]})
    sink = pyarrow.BufferOutputStream()
    with opened(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


print(json.dumps([
    ask(written(pyarrow.ipc.new_stream)),
    ask(written(pyarrow.ipc.new_file), "application/vnd.apache.arrow.file"),
    ask(b"no table"),
]))
