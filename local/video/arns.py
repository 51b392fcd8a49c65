"""Names in the forms that IVS gives them."""

import secrets
import string
import uuid

_ALPHABET = string.ascii_letters + string.digits


def letters(count: int) -> str:
    """Returns random letters and digits.

    Args:
        count: How many.
    """
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


class Names:
    """Makes ARNs, ids and addresses for one account and region."""

    def __init__(self, region: str, account_id: str) -> None:
        self.region = region
        self.account_id = account_id

    def arn(self, kind: str) -> str:
        """Returns a new ARN.

        Args:
            kind: The word before the slash, such as ``channel``.
        """
        own = str(uuid.uuid4()) if kind == "playback-key" else letters(12)
        return f"arn:aws:ivs:{self.region}:{self.account_id}:{kind}/{own}"

    def stream_key(self) -> str:
        """Returns a new stream key."""
        return f"sk_{self.region}_{letters(12)}_{letters(30)}"

    def stream_id(self) -> str:
        """Returns a new stream session id, 26 characters."""
        return "st-" + letters(23)

    def playback_path(self, channel_id: str) -> str:
        """Returns the path of a channel's master playlist.

        Args:
            channel_id: The last part of the channel's ARN.
        """
        return f"/api/video/v1/{self.region}.{self.account_id}.channel.{channel_id}.m3u8"
