"""The pages' TypeScript chat client, run in Node."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from local.layout import REPOSITORY

WEB = REPOSITORY / "web"
DRIVER = Path(__file__).with_name("chat_client.mjs")
Event = dict[str, Any]


def compile_client(folder: Path) -> Path:
    """Compile the client as it stands and return its module.

    Args:
        folder: An empty folder.
    """
    settings = {
        "extends": str(WEB / "tsconfig.json"),
        "compilerOptions": {
            "noEmit": False,
            "outDir": str(folder),
            "rootDir": str(WEB / "src"),
            "types": [],
        },
        "include": [],
        "files": [str(WEB / "src" / "chat" / "chat-client.ts")],
    }
    project = folder / "tsconfig.json"
    project.write_text(json.dumps(settings))
    (folder / "package.json").write_text('{"type": "module"}')
    compiler = WEB / "node_modules" / "typescript" / "bin" / "tsc"
    subprocess.run([_node(), str(compiler), "-p", str(project)], check=True, timeout=120)
    return folder / "chat" / "chat-client.js"


class PagesChat:
    """One client in a process of its own.

    Attributes:
        events: What the application was told, in order.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.events: list[Event] = []
        self._process = process
        self._changed = asyncio.Condition()

    async def listen(self) -> None:
        """Take in what the client tells until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._changed:
                self.events.append(json.loads(line))
                self._changed.notify_all()

    async def emit(self, action: str, **members: object) -> None:
        """Have the client emit something; `open` and `break` are for its connection."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"emit": action, **members}).encode() + b"\n")
        await self._process.stdin.drain()

    async def until(self, is_enough: Callable[[PagesChat], bool], seconds: float) -> None:
        """Wait until what was told is enough; raises TimeoutError where it is not."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: is_enough(self))

    def told(self, kind: str) -> list[Event]:
        """Return the events of one type."""
        return [event for event in self.events if event["type"] == kind]

    def shown(self) -> Counter[str]:
        """Return how often each text was shown."""
        return Counter(str(event["message"]) for event in self.told("message"))

    def openings(self) -> int:
        """Return how often the connection opened after it had been lost, and at first."""
        return sum(event["state"] == "open" for event in self.told("state"))


@asynccontextmanager
async def pages_chat(client: Path, **options: object) -> AsyncIterator[PagesChat]:
    """Run a client; it opens when told to.

    Args:
        client: From `compile_client`.
        options: Of the driver: apiUrl, streamId, token, renewMilliseconds.
    """
    arguments = {"client": client.as_uri(), "modules": f"{WEB}/node_modules/", **options}
    process = await asyncio.create_subprocess_exec(
        *(_node(), str(DRIVER), json.dumps(arguments)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    chat = PagesChat(process)
    listening = asyncio.create_task(chat.listen())
    try:
        yield chat
    finally:
        process.terminate()
        await process.wait()
        await listening


def _node() -> str:
    node = shutil.which("node")
    assert node is not None, "Node is missing"
    return node
