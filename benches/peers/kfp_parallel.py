"""No-op steps that do not wait for each other with kfp's local SubprocessRunner."""

import os

from kfp import dsl, local


@dsl.component
def nothing():
    pass


@dsl.pipeline
def fan():
    for _ in range(int(os.environ["COUNT"])):
        nothing()


if __name__ == "__main__":
    local.init(runner=local.SubprocessRunner(use_venv=False))
    fan()
