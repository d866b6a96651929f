"""pandas, s3fs and Arrow on S3: over TLS where S3 always is, and at the plain endpoint."""


def test_through_the_front_door(program, name):
    found = program("files", "frames.py", name)
    assert found["same"] and found["rows"] == 50_000 and found["left"] is False
    assert found["files"] == [f"{name}/a b/ü.parquet", f"{name}/frame.csv", f"{name}/moved"]


def test_at_the_plain_endpoint(program, name, endpoint):
    found = program("files", "frames.py", name, endpoint)
    assert found["same"] and found["rows"] == 50_000 and found["left"] is False
    assert found["arrow"] == 50_000
    assert found["stream"] == 21 << 20 and found["tail"] == 1 << 20
