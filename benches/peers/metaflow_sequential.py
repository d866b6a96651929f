"""No-op steps one after the other with Metaflow, which reads its flow from source: so the steps are
written out and the file runs itself."""

import os
import pathlib
import sys


def source(count):
    lines = ["from metaflow import FlowSpec, step", "", "class Chain(FlowSpec):"]
    names = ["start"] + [f"s{number}" for number in range(1, count - 1)] + ["end"]
    for number, name in enumerate(names):
        lines += ["    @step", f"    def {name}(self):"]
        after = names[number + 1] if number + 1 < len(names) else None
        lines.append(f"        self.next(self.{after})" if after else "        pass")
    return "\n".join(lines + ["", "if __name__ == '__main__':", "    Chain()", ""])


if __name__ == "__main__":
    file = pathlib.Path("chain_flow.py")
    file.write_text(source(int(os.environ["COUNT"])))
    os.execv(sys.executable, [sys.executable, str(file), *sys.argv[1:]])
