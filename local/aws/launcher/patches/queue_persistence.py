"""Messages that were being handled when the emulator stopped are handed out again at once.

Upstream (services/sqs.py, `load_persisted_state`) restores them hidden until their visibility
time-out, minutes later, though whoever had received them is gone.
"""

import time
from typing import Any

from ministack.services import sqs


def apply() -> None:
    """Make every received message visible when the state is loaded."""
    load_state = sqs.load_persisted_state

    def load_visible(data: dict[str, Any]) -> None:
        load_state(data)
        now = time.time()
        for queue in sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receive_count"):
                    message["visible_at"] = min(message["visible_at"], now)

    sqs.load_persisted_state = load_visible
