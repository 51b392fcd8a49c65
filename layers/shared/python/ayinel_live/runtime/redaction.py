"""The last line of defence: whatever a log line holds, no secret stands in it.

Code does not log secrets in the first place. What this catches are texts that we do not write
ourselves, above all messages of exceptions, which like to repeat what they choked on. What has a
shape is known by it; what has none (the process's own credentials, what lies in Secrets Manager) is
known by its value.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

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
    # What pydantic repeats of what it refuses, cut to a length at which no shape is left.
    r"(?<=input_value=).*?(?=, input_type=)",
    # Credentials in an address: https://datatracker.ietf.org/doc/html/rfc3986#section-3.2.1
    r"(?<=://)[^\s/:@\"']*:[^\s/@\"']+(?=@)",
    # Query parameters that grant something.
    r"(?i:(?<=[?&]ticket=)|(?<=[?&]token=)|(?<=[?&]X-Amz-Signature=))[^&\s\"'\\]+",
)
# What of a secret in Secrets Manager is secret: `identity.rotation`, the rings of key pairs.
_SECRET_MEMBERS = frozenset({"current", "previous", "private_key", "privateKey"})
_PATTERN = re.compile("|".join(_SECRETS), re.DOTALL)
# Names under which a value is secret whatever it looks like.
_NAMED = re.compile(
    r"(?i)((?:\\?[\"'])(?:authorization|cookie|set-cookie|ticket|token|viewertoken|streamkey"
    r"|privatekey|password|x-origin-verify)(?:\\?[\"'])\s*:\s*(?:\\?[\"']))"
    r"(?:(?!\\?[\"']).)+"
)


# Shorter values would be found in words.
_SECRET_CHARACTERS_MIN = 12
_OWN_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_values: set[str] = set()


def remember_secrets(text: str | None) -> None:
    """Let no line hold a secret from now on, nor what stands in it as JSON.

    Args:
        text: As it lies in Secrets Manager.
    """
    if not text:
        return
    try:
        found = json.loads(text)
    except ValueError:
        found = text
    for value in _texts_in(found):
        # Keys are known by their lines too, since exceptions like to show one.
        _values.update(part for part in value.splitlines() if _is_telling(part))


def _texts_in(found: object) -> Iterator[str]:
    if isinstance(found, dict):
        # Under other names lie times and names of keys, which nobody has to hide.
        for name, value in found.items():
            if isinstance(value, dict) or name in _SECRET_MEMBERS:
                yield from _texts_in(value)
    elif isinstance(found, str):
        yield found


def _is_telling(part: str) -> bool:
    return len(part) >= _SECRET_CHARACTERS_MIN and "-----" not in part


def _without_values(text: str) -> str:
    own = (os.environ.get(name, "") for name in _OWN_VARIABLES)
    for value in (*_values, *filter(None, own)):
        if value in text:
            text = text.replace(value, REDACTED)
    return text


def redact(text: str) -> str:
    """Return a text without what looks like a secret.

    Args:
        text: Any text, JSON among it.
    """
    return _NAMED.sub(rf"\1{REDACTED}", _PATTERN.sub(REDACTED, _without_values(text)))


def redacted_json(entry: object) -> str:
    """Serialise a log entry, free of secrets.

    Args:
        entry: What Powertools' formatter has made of it.
    """
    return redact(json.dumps(entry, default=str, separators=(",", ":")))
