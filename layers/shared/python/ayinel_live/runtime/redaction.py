"""The last line of defence: whatever a log line holds, no secret stands in it.

Code does not log secrets in the first place. What this catches are texts that we do not write
ourselves, above all messages of exceptions, which like to repeat what they choked on.
"""

from __future__ import annotations

import json
import re

REDACTED = "[redacted]"

_SECRETS = (
    # Amazon IVS stream keys: https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/streaming-config.html
    r"\bsk_[A-Za-z0-9-]+_[A-Za-z0-9_-]{6,}",
    # JSON Web Tokens, bearer and playback alike (RFC 7519): two objects and a signature.
    r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?",
    r"(?i:\bbearer)\s+[A-Za-z0-9._~+/=-]{8,}",
    # Chat tickets and the tokens of the anonymous: something signed, a dot, 256 bits of HMAC.
    r"\b[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{43}\b",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
    # Query parameters that grant something.
    r"(?i:(?<=[?&]ticket=)|(?<=[?&]token=)|(?<=[?&]X-Amz-Signature=))[^&\s\"'\\]+",
)
_PATTERN = re.compile("|".join(_SECRETS), re.DOTALL)
# Names under which a value is secret whatever it looks like.
_NAMED = re.compile(
    r"(?i)((?:\\?[\"'])(?:authorization|cookie|set-cookie|ticket|token|viewertoken|streamkey"
    r"|privatekey|password|x-origin-verify)(?:\\?[\"'])\s*:\s*(?:\\?[\"']))"
    r"(?:(?!\\?[\"']).)+"
)


def redact(text: str) -> str:
    """Return a text without what looks like a secret.

    Args:
        text: Any text, JSON among it.
    """
    return _NAMED.sub(rf"\1{REDACTED}", _PATTERN.sub(REDACTED, text))


def redacted_json(entry: object) -> str:
    """Serialise a log entry, free of secrets.

    Args:
        entry: What Powertools' formatter has made of it.
    """
    return redact(json.dumps(entry, default=str, separators=(",", ":")))
