"""Functions in the three clouds' forms.

A handler of a function has `form`, `load()`, `answer(body, media, accept)` and `signature()` as
those of models have; bodies and answers are envelopes. `born()` is called in a process that was
just forked, before it answers.
"""

import os
import sys


def choose(form, code):
    """The handler for a form; `code` is the code folder."""
    if code not in sys.path:
        sys.path.insert(0, code)
    os.chdir(code)
    if form == "aws-function":
        from . import aws

        return aws.Handler()
    if form == "google-function":
        from . import google

        return google.Handler(code)
    from . import azure

    return azure.Handler(code)
