"""Whoever types what the documents say, page by page, gets what they promise."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest

from local.layout import REPOSITORY
from tests.support.broadcast import start_stream
from tests.support.document_runs import Way, of_way
from tests.support.documents import Command, commands_of, name_of, pages
from tests.support.stack import Stack

PAGES = {name_of(page): of_way(commands_of(page), Way.STACK) for page in pages()}
# Somebody who reads sees what an answer says; the script has to be stopped by it.
PRELUDE = """
set -euo pipefail
# Whatever goes on in the background ends with the page.
trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true' EXIT
curl() {
  local answer
  answer=$(command curl --fail-with-body --show-error "$@")
  echo "$answer"
  # Whoever starts a stream goes on with that one.
  if [[ $answer == *streamKey* ]]; then
    STREAM_ID=$(grep -o '"streamId":"[^"]*' <<<"$answer" | cut -d'"' -f4)
  fi
}
"""
# What a page says, and what stands in its place here; one after the other would meet its own work.
FORMS = re.compile(
    r"make (?:-s )?(?P<rest>(?:outputs|status|logs|token user=\w+)\b)"
    r"|(?P<local>(?:\.venv/bin/)?python3? -m local )"
    r"|(?P<python>(?:\.venv/bin/)?python3? )"
    r"|(?P<placeholder><streamId>)"
    r"|(?P<stream>(?<![$\w])STREAM_ID\b(?!=))"
)


def script_of(stack: Stack, typed: list[Command]) -> str:
    """Return what is typed, with this stack in the place of the one that `make up` starts."""
    layout = stack.runtime.layout
    local = shlex.join(
        [
            *(sys.executable, "-m", "local", "--local-dir", str(layout.local_dir)),
            *("--aws-port", str(layout.aws_port), "--rtmp-port", str(layout.rtmp_port)),
            *("--video-port", str(layout.video_port), "--web-port", str(layout.web_port)),
        ]
    )
    typed_as = {
        "local": f"{local} ",
        "python": f"{sys.executable} ",
        "stream": '"$STREAM_ID"',
        "placeholder": "$STREAM_ID",
    }

    def replaced(found: re.Match[str]) -> str:
        rest = (found["rest"] or "").replace("user=", "")
        return typed_as[found.lastgroup or ""] if not rest else f"{local} {rest}"

    return PRELUDE + "\n".join(FORMS.sub(replaced, command.text) for command in typed)


@pytest.mark.parametrize("page", [page for page, typed in PAGES.items() if typed])
def test_page_can_be_typed_from_its_top_to_its_end(stack: Stack, page: str) -> None:
    creator = stack.api("alice")
    for stream in creator.get("/mine")["streams"]:
        if stream["state"] != "ENDED":
            creator.post(f"/{stream['streamId']}/stop")
    starts = any("/start" in command.text for command in PAGES[page])
    own = "" if starts else start_stream(creator)["streamId"]
    script = script_of(stack, PAGES[page])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=REPOSITORY,
        env={**os.environ, "STREAM_ID": own},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    told = f"{script}\n{done.stdout}\n{done.stderr}"
    assert done.returncode == 0, told
    if starts:
        assert '"streamKey":"sk_' in done.stdout, told
