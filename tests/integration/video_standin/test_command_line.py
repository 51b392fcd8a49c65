import asyncio
import json
import signal
import socket
import sys
from pathlib import Path

import httpx


async def _run(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "local.video",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_process_tells_where_it_is_and_ends_cleanly_on_sigterm(tmp_path: Path) -> None:
    process = await _run("--rtmp-port", "0", "--http-port", "0", "--state-dir", str(tmp_path))
    assert process.stderr is not None
    line = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
    url = next(word for word in line.split() if word.startswith("http://"))
    async with httpx.AsyncClient(trust_env=False) as http:
        health = json.loads((await http.get(f"{url}/health")).text)
    assert health["status"] == "ok"
    assert health["rtmpUrl"].startswith("rtmp://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    out, err = await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0
    assert out == b""
    assert b"Traceback" not in err
    assert (tmp_path / "video.sqlite3").exists()


async def test_taken_port_is_one_line_and_status_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for option, other in (("--rtmp-port", "--http-port"), ("--http-port", "--rtmp-port")):
            process = await _run(option, port, other, "0")
            out, err = await asyncio.wait_for(process.communicate(), 20)
            assert process.returncode == 1
            assert out == b""
            lines = err.decode().strip().splitlines()
            assert len(lines) == 1, lines
            assert port in lines[0]
