"""Which function does what: a module for each subject, each the whole truth about its functions.

A function's tables stand in its role and its environment together; its settings are checked
against both when the app is synthesised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.wiring import fan_out

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack


def wire(stack: ServiceStack) -> None:
    """Make every function of the product, its queues, and what starts it."""
    queues = fan_out.queues(stack)
    fan_out.wire(stack, queues)
