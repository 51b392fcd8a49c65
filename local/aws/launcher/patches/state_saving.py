"""State that changes while it is being saved is saved all the same.

Upstream (core/persistence.py, `save_all`) copies each service's dictionaries while threads may add
to them; if one does, the service is skipped and starts with the state of the time before.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from ministack import app
from ministack.core import persistence

logger = logging.getLogger("ayinel.state")

ATTEMPTS = 20
PAUSE_SECONDS = 0.02

GetState = Callable[[], Any]


def apply() -> None:
    """Ask a service again for its state when it changed meanwhile."""
    save_all = persistence.save_all

    def save_patiently(services: dict[str, GetState]) -> None:
        save_all({name: _patient(name, services[name]) for name in services})

    persistence.save_all = app.save_all = save_patiently


def _patient(name: str, get_state: GetState) -> GetState:
    def ask() -> Any:
        for _attempt in range(ATTEMPTS):
            try:
                return get_state()
            except RuntimeError:
                logger.info("The state of %s changed while it was copied", name)
                time.sleep(PAUSE_SECONDS)
        return get_state()

    return ask
