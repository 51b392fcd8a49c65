from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from local.website.__main__ import make_site

CONFIG = {"apiUrl": "http://127.0.0.1:1", "connectSources": ["http://127.0.0.1:1"]}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    pages = tmp_path / "pages"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("home")
    (pages / "watch.html").write_text("watch")
    (pages / "404.html").write_text("lost")
    (pages / "assets" / "app-AbCd1234.js").write_text("app")
    (tmp_path / "secret.txt").write_text("secret")
    (pages / "link.txt").symlink_to(tmp_path / "secret.txt")
    transport = httpx.ASGITransport(make_site(pages, CONFIG))
    async with httpx.AsyncClient(transport=transport, base_url="http://pages") as client:
        yield client


@pytest.mark.parametrize(("path", "text"), [("/", "home"), ("/watch", "watch")])
async def test_pages_have_clean_addresses(site: httpx.AsyncClient, path: str, text: str) -> None:
    answer = await site.get(path)
    assert (answer.status_code, answer.text) == (200, text)
    assert answer.headers["cache-control"] == "no-cache"
    assert "http://127.0.0.1:1" in answer.headers["content-security-policy"]


async def test_hashed_assets_are_kept_for_ever(site: httpx.AsyncClient) -> None:
    answer = await site.get("/assets/app-AbCd1234.js")
    assert answer.text == "app"
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/%2fetc%2fpasswd",
        "/link.txt",
        "/%00",
        "/" + "a" * 5000,
    ],
)
async def test_nothing_outside_the_pages_is_served(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(httpx.URL("http://pages").copy_with(raw_path=path.encode()))
    assert (answer.status_code, answer.text) == (404, "lost")


async def test_configuration_is_what_the_pages_are_told(site: httpx.AsyncClient) -> None:
    answer = await site.get("/config.json")
    assert answer.json() == CONFIG
    assert answer.headers["cache-control"] == "no-cache"
