"""Data frames in S3, by pandas with s3fs and by Arrow's own client: `frames.py BUCKET [ENDPOINT]`.

With an endpoint the clients are told it, without one they find S3 where it always is; Arrow's
client knows no proxy by itself, so that it needs one.
"""

import json
import os
import sys

import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.fs
import s3fs

bucket, *endpoint = sys.argv[1:]
options = {"endpoint_url": endpoint[0]} if endpoint else {}
frame = pandas.DataFrame({"number": range(50_000), "word": ["a", "b"] * 25_000})

files = s3fs.S3FileSystem(**options)
files.mkdir(bucket)
there = f"s3://{bucket}/a b/ü.parquet"
frame.to_parquet(there, storage_options=options)
same = pandas.read_parquet(there, storage_options=options).equals(frame)
frame.to_csv(f"s3://{bucket}/frame.csv", index=False, storage_options=options)
rows = len(pandas.read_csv(f"s3://{bucket}/frame.csv", storage_options=options))
with files.open(f"{bucket}/large", "wb", block_size=5 << 20) as file:
    for _ in range(11):
        file.write(os.urandom(1 << 20))
files.mv(f"{bucket}/large", f"{bucket}/moved")
found = {"same": same, "rows": rows, "files": sorted(files.find(bucket))}

if endpoint:
    scheme, _, host = endpoint[0].partition("://")
    arrow = pyarrow.fs.S3FileSystem(endpoint_override=host, scheme=scheme)
    table = pyarrow.Table.from_pandas(frame)
    where = f"{bucket}/set"
    pyarrow.dataset.write_dataset(
        table, where, filesystem=arrow, format="parquet", partitioning=["word"]
    )
    read = pyarrow.dataset.dataset(where, filesystem=arrow, format="parquet")
    found["arrow"] = read.count_rows()
    with arrow.open_output_stream(f"{bucket}/stream") as stream:
        for _ in range(21):
            stream.write(os.urandom(1 << 20))
    found["stream"] = arrow.get_file_info(f"{bucket}/stream").size
    with arrow.open_input_file(f"{bucket}/stream") as file:
        file.seek(20 << 20)
        found["tail"] = len(file.read())

files.rm(bucket, recursive=True)
found["left"] = files.exists(f"{bucket}/moved")
print("\n" + json.dumps(found))
