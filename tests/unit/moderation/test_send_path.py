"""What the send path must not pay for."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "boto3", "botocore")


def test_rules_import_neither_numpy_nor_boto3() -> None:
    code = (
        "import sys\n"
        "from ayinel_live.moderation.model import ModerationSettings\n"
        "from ayinel_live.moderation.rules import moderate_with_rules\n"
        "moderate_with_rules('you idiot', ModerationSettings())\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
