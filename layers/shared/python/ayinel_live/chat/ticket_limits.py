"""How many chat tickets one address or one person may take, without keeping who that is.

Address or person is remembered as a keyed hash that holds for one day (UTC) and cannot be turned
back or linked to the next day's without the key; its item goes with its limit. So an erasure need
not look here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from typing import Any

from ayinel_live.identity.signatures import Secrets, Signer
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.rate_limits import Rate, RateLimits

# One household or phone gets a /64 of IPv6 (RFC 6177), so the rest is the subscriber's to choose.
_IPV6_PREFIX = 64
# A minute's worth of tickets may be taken at once.
_MINUTE = timedelta(minutes=1)


class TicketLimits:
    """Counts tickets, one item an address or person.

    Args:
        table_name: The Idempotency table.
        secrets: The key of the hash.
        client: Makes the DynamoDB client, on first use.
    """

    def __init__(
        self,
        table_name: str,
        secrets: Secrets,
        client: Callable[[], Any] = lambda: aws_client("dynamodb"),
    ) -> None:
        self._signer = Signer(secrets, "address")
        self._limits = RateLimits(table_name, client)

    def take(self, subject: str, per_minute: int, now: datetime) -> None:
        """Count one ticket.

        Args:
            subject: What `subject_of_address` or `subject_of_user` returned.
            per_minute: How many the subject may take.
            now: The current time.

        Raises:
            RateLimitedError: The subject has taken too many.
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """
        rate = Rate(per_minute, _MINUTE)
        self._limits.take(subject, rate, now, refusal="Too many chat tickets were taken from here.")

    def subject_of_address(self, address: str, now: datetime) -> str:
        """Return what stands for an address today.

        Args:
            address: An IPv4 or IPv6 address.
            now: The current time.
        """
        return self._subject("address", _network(address), now)

    def subject_of_user(self, user_id: str, now: datetime) -> str:
        """Return what stands for somebody who is signed in, today.

        Args:
            user_id: The person.
            now: The current time.
        """
        return self._subject("user", user_id, now)

    def _subject(self, kind: str, text: str, now: datetime) -> str:
        signed = self._signer.sign(f"{kind}|{now.date()}|{text}".encode())
        return f"limit#ticket#{kind}#{signed}"


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> _IPV6_PREFIX << _IPV6_PREFIX))
    return str(parsed)
