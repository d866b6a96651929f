"""No-op steps at once with Metaflow's foreach."""

import os

from metaflow import FlowSpec, step


class Fan(FlowSpec):
    @step
    def start(self):
        self.items = list(range(int(os.environ["COUNT"])))
        self.next(self.nothing, foreach="items")

    @step
    def nothing(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Fan()
