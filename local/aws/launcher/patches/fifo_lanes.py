"""Groups of a FIFO queue are worked on at the same time, up to the mapping's concurrency.

Upstream (services/lambda_svc.py, `_sqs_esm_concurrency`) allows one batch at a time for FIFO
queues. More are safe: a group with a message in flight is not handed out (services/sqs.py,
`_collect_fifo`), and that is what orders a group on AWS too.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
"""

from typing import Any

from ministack.services import lambda_svc


def apply() -> None:
    """Give FIFO mappings the limit of any other queue's mapping."""
    concurrency = lambda_svc._sqs_esm_concurrency

    def same_for_fifo(
        mapping: Any, function: Any, config: Any, queue: dict[str, Any] | None = None
    ) -> int:
        limit: int = concurrency(mapping, function, config, {**(queue or {}), "is_fifo": False})
        return limit

    lambda_svc._sqs_esm_concurrency = same_for_fifo
