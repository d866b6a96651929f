"""Starts one worker.

This file is what the interpreter is given. Its folder must not stay on the module path, where it
could answer an import that was meant for the user's environment, so everything of ours is imported
first and the folder is then taken off.
"""

import sys

from tradewind_worker import serve

if __name__ == "__main__":
    del sys.path[0]
    sys.exit(serve.main())
