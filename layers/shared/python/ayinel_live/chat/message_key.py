"""What makes two messages one: the same sender, the same stream, the same id given by the client.

Two people may use the same id; one person may use it again on another stream. The key is a digest,
so that it fits everywhere and tells nothing.
"""

from __future__ import annotations

import hashlib

# A sender's messages keep their order; different senders of a stream need not wait for each other.
SENDER_BUCKETS = 16


def message_key(stream_id: str, user_id: str, client_message_id: str) -> str:
    """Return the key of a message, 64 hexadecimal digits.

    Args:
        stream_id: The stream.
        user_id: The sender.
        client_message_id: The id that the sender's client gave.
    """
    # None of the three may hold a NUL, so no two triples give one text.
    parts = f"{stream_id}\x00{user_id}\x00{client_message_id}"
    return hashlib.sha256(parts.encode()).hexdigest()


def marker_key(key: str) -> str:
    """Return the key under which the Idempotency table remembers a message.

    Args:
        key: What `message_key` returned.
    """
    return f"message#{key}"


def sender_group(stream_id: str, user_id: str) -> str:
    """Return the FIFO group of a sender's messages to a stream.

    Args:
        stream_id: The stream.
        user_id: The sender.
    """
    digest = hashlib.blake2b(user_id.encode(), digest_size=4).digest()
    return f"{stream_id}#{int.from_bytes(digest) % SENDER_BUCKETS}"
