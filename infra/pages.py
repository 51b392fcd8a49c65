"""Put the built pages behind CloudFront."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ayinel_live.runtime.names import Output

CONFIG = "config.json"
# Vite writes a hash of the content into the names of assets.
_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
_FOR_GOOD = "public, max-age=31536000, immutable"
_ASK_EACH_TIME = "no-cache"


@dataclass(frozen=True, slots=True)
class PageSite:
    """Where the pages of a deployment are kept.

    Attributes:
        bucket: The bucket.
        distribution_id: The CloudFront distribution before it.
    """

    bucket: str
    distribution_id: str


def page_config(
    outputs: Mapping[str, str], region: str, *, ivs_player_url: str = ""
) -> dict[str, str]:
    """Return what `config.json` tells the pages.

    Args:
        outputs: The outputs of the stacks.
        region: The region of the API.
        ivs_player_url: The script of the Amazon IVS player, where the pages may load it.
    """
    config = {"apiUrl": outputs[Output.API_URL], "region": region}
    if ivs_player_url:
        config["ivsPlayerUrl"] = ivs_player_url
    if Output.USER_POOL_ID in outputs:
        config["userPoolId"] = outputs[Output.USER_POOL_ID]
        config["userPoolClientId"] = outputs[Output.USER_POOL_CLIENT_ID]
    else:
        config["oidcIssuer"] = outputs[Output.TOKEN_ISSUER]
        config["oidcClientId"] = outputs[Output.TOKEN_AUDIENCES].split(",")[0]
    return config


def publish_pages(
    pages: Path, config: Mapping[str, str], site: PageSite, s3: Any, cloudfront: Any
) -> int:
    """Upload the pages and have CloudFront forget the old ones.

    Assets of earlier builds stay, for people who have an old page open. What names them goes up
    last, so that no page ever names an asset that is not there.

    Args:
        pages: The folder of the build.
        config: What `config.json` shows.
        site: Where they go.
        s3: A boto3 client.
        cloudfront: A boto3 client.

    Returns:
        How many files went up.
    """
    files = [path for path in pages.rglob("*") if path.is_file() and path.name != CONFIG]
    files.sort(key=lambda path: (_HASHED.search(path.name) is None, path.as_posix()))
    for path in files:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        s3.put_object(
            Bucket=site.bucket,
            Key=path.relative_to(pages).as_posix(),
            Body=path.read_bytes(),
            ContentType=f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            CacheControl=_FOR_GOOD if _HASHED.search(path.name) else _ASK_EACH_TIME,
        )
    body = json.dumps(dict(config), indent=2)
    s3.put_object(
        Bucket=site.bucket,
        Key=CONFIG,
        Body=body.encode(),
        ContentType="application/json",
        CacheControl=_ASK_EACH_TIME,
    )
    cloudfront.create_invalidation(
        DistributionId=site.distribution_id,
        InvalidationBatch={
            "Paths": {"Quantity": 1, "Items": ["/*"]},
            "CallerReference": f"{site.bucket}-{_fingerprint(files, body)}",
        },
    )
    return len(files) + 1


def _fingerprint(files: list[Path], body: str) -> str:
    from infra.layers.trees import digest_of

    return digest_of(body, *(path.read_bytes() for path in files))
