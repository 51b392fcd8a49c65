"""Workers are forked from a template that has their base layer loaded.

Upstream (core/lambda_runtime.py, `Worker._spawn`) starts an interpreter for each, which imports
boto3 and whatever else the layer holds anew: half a second of a core and 15 MB every time.
"""

import os

from local.aws.launcher import templates, worker


def apply() -> None:
    """Let workers be forked, where the system can watch processes that are not its children."""
    if hasattr(os, "pidfd_open"):
        worker.start_process = templates.start_process
        worker.learn = templates.learn
