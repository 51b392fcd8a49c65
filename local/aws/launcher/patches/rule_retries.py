"""An event that a function fails on is tried again, then set aside, as AWS does.

Upstream (services/eventbridge.py, `_dispatch_to_lambda`) runs a rule's function once in a thread
and looks at no answer: a function that fails, is throttled or runs out of time while the machine
is busy has lost the event for good. Lambda's asynchronous calls, with the function's own retries
and dead-letter queue, are there upstream for everybody else (`invoke_async_with_retry`).
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import json
import logging
from typing import Any

from ministack.services import eventbridge, lambda_svc

logger = logging.getLogger("ayinel.events")


def apply() -> None:
    """Call functions for rules as anybody calls them asynchronously."""
    eventbridge._dispatch_to_lambda = _dispatch


def _dispatch(arn: str, payload: str) -> None:
    function, config, name = lambda_svc._get_func_record_for_ref(arn)
    if not function or not config:
        logger.warning("A rule calls %s, which there is not", name)
        return
    record = lambda_svc._execution_record_for_config(function, config)
    lambda_svc.invoke_async_with_retry(record, _event(payload))


def _event(payload: str) -> Any:
    try:
        return json.loads(payload)
    except (ValueError, TypeError):
        return {"body": payload}
