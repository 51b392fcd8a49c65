"""Serve the built pages: `python -m local.website --port 8080 --pages web/dist --config FILE`.

Does what CloudFront does on AWS: immutable caching of hashed assets, clean URLs, the security
headers, and `config.json` made from the stack's outputs.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from infra.page_headers import OTHER_HEADERS, content_security_policy
from local.daemon import HOST

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")


def security_headers(config: Mapping[str, Any]) -> dict[str, str]:
    """Return the headers that every page gets.

    Args:
        config: The pages' configuration; its `connectSources` and `mediaSources` are what the
            pages may reach besides themselves, and its `ivsPlayerUrl` a player of the video
            service that they may load.
    """
    policy = content_security_policy(
        config.get("connectSources", ()),
        config.get("mediaSources", ()),
        player_url=config.get("ivsPlayerUrl", ""),
    )
    return {"content-security-policy": policy, **OTHER_HEADERS}


def make_site(pages: Path, config: Mapping[str, Any]) -> Starlette:
    """Make the ASGI application.

    Args:
        pages: The folder with the built pages.
        config: What `config.json` shows.
    """
    root = pages.resolve()
    headers = security_headers(config)

    def find(path: str) -> Path | None:
        for candidate in (path, f"{path}.html", f"{path.rstrip('/')}/index.html".lstrip("/")):
            # A name that no file can have, such as a very long one, is a page that is not there.
            with suppress(OSError, ValueError):
                found = (root / candidate).resolve()
                if found.is_relative_to(root) and found.is_file():
                    return found
        return None

    async def page(request: Request) -> Response:
        found = find(request.path_params["path"])
        if found is None:
            missing = root / "404.html"
            if missing.exists():
                return FileResponse(missing, status_code=404, headers=headers)
            return PlainTextResponse("There is no such page.\n", 404, headers)
        immutable = _HASHED.search(found.name) is not None
        cache = "public, max-age=31536000, immutable" if immutable else "no-cache"
        return FileResponse(found, headers={**headers, "cache-control": cache})

    async def configuration(_: Request) -> Response:
        return JSONResponse(dict(config), headers={**headers, "cache-control": "no-cache"})

    endpoints: list[tuple[str, Callable[[Request], Awaitable[Response]]]] = [
        ("/config.json", configuration),
        ("/{path:path}", page),
    ]
    return Starlette(
        routes=[Route(path, endpoint) for path, endpoint in endpoints],
        middleware=[Middleware(GZipMiddleware, minimum_size=500)],
    )


def main() -> None:
    """Run the server until it is told to end."""
    parser = argparse.ArgumentParser(prog="python -m local.website", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--pages", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_text(encoding="utf-8"))
    site = make_site(arguments.pages, config)
    uvicorn.run(site, host=HOST, port=arguments.port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
