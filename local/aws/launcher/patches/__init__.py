"""What the launcher changes in MiniStack, one module for each fault, named for what it mends.

A patch is a module with `apply()`. Each is written against the one version that
`locks/emulator.in` pins and says in its docstring what upstream does. Leaving one out
(`AYINEL_EMULATOR_WITHOUT=name,name`) brings its fault back, which is how the tests show it.
"""

from importlib import import_module

# In the order in which they are applied: `ttl_records` must be the first to load DynamoDB.
PATCHES = (
    "ttl_records",
    "python_workers",
    "worker_templates",
    "mapping_threads",
    "condition_parsing",
    "stream_batches",
    "stream_persistence",
    "fifo_lanes",
    "queue_persistence",
    "http_cors",
    "http_forwarding",
    "websocket_execution",
    "websocket_replies",
    "websocket_handshake",
    "websocket_context",
    "websocket_binary",
    "websocket_outbox",
    "connection_posts",
    "route_responses",
    "user_pool_url",
    "lambda_logs",
    "state_saving",
    "rule_retries",
    "video_resources",
    "deleted_stacks",
)
# What the launcher itself does in place of upstream, and can leave out in the same way.
SERVER = "server"


def apply_all(without: frozenset[str]) -> None:
    """Apply every patch but those named.

    Args:
        without: Names of patches to leave out.

    Raises:
        ValueError: When a name is that of no patch.
    """
    if unknown := without - {*PATCHES, SERVER}:
        raise ValueError(f"No such patch: {', '.join(sorted(unknown))}")
    for name in PATCHES:
        if name not in without:
            import_module(f"{__name__}.{name}").apply()
