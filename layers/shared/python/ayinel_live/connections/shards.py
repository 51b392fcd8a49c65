"""Shards: into how many lanes a stream's connections are dealt, and which lane a new one takes.

Frames of a stream are handed out per shard, so that several workers post at once and no worker
holds more connections than it can serve in a moment. A connection keeps its shard for life, so all
its frames travel through one FIFO group and stay in order.

How many shards a stream has is read off its peak of viewers, which only ever grows. Whoever joins
reads the peak before it writes its connection; whoever hands out frames reads the peak strongly
afterwards, and covers all shards below the count. So a shard that a connection took is covered from
the first frame after the join on; growth needs no moving, no lock and no announcement. A stale peak
at the join names a lower shard, which is covered too.
"""

from __future__ import annotations

from hashlib import blake2b

# One worker posts a frame to a shard of this size in well under a second at its paced rate, and a
# shard that came to twice the size in little over one.
VIEWERS_PER_SHARD = 250
# Enough for 128,000 viewers of one stream; beyond, shards grow instead of multiplying.
MAX_SHARDS = 512


def shard_count(peak_viewers: int) -> int:
    """Return how many shards a stream with this peak has: a power of two.

    Args:
        peak_viewers: The largest number of people that ever watched at once.
    """
    count = 1
    while count * VIEWERS_PER_SHARD < peak_viewers and count < MAX_SHARDS:
        count *= 2
    return count


def pick_shard(connection_id: str, peak_viewers: int) -> int:
    """Return the shard that a new connection takes.

    New connections go to the upper half, which the last doubling opened and which is empty then,
    while the lower half holds its share already: each shard fills to its size and no shard to more
    than twice of it, however a stream grows.

    Args:
        connection_id: The gateway's id; its hash spreads the joiners evenly.
        peak_viewers: The stream's peak so far; a stale value is safe.
    """
    count = shard_count(peak_viewers)
    lowest = count // 2
    width = count - lowest
    digest = blake2b(connection_id.encode(), digest_size=4).digest()
    return lowest + int.from_bytes(digest) % width


def shard_key(stream_id: str, shard: int) -> str:
    """Return the index key of a shard.

    Args:
        stream_id: The stream.
        shard: From 0 up.
    """
    return f"{stream_id}#{shard}"
