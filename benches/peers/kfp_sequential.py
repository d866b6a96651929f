"""No-op steps one after the other with kfp's local SubprocessRunner."""

import os

from kfp import dsl, local


@dsl.component
def nothing(before: str = "") -> str:
    return "done"


@dsl.pipeline
def chain():
    before = nothing()
    for _ in range(int(os.environ["COUNT"]) - 1):
        before = nothing(before=before.output)


if __name__ == "__main__":
    local.init(runner=local.SubprocessRunner(use_venv=False))
    chain()
