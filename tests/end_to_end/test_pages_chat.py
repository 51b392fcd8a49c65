"""The pages' own chat client, in Node, against the deployed stack."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

from tests.support.broadcast import start_stream
from tests.support.pages_chat import PagesChat, compile_client, pages_chat
from tests.support.prose import sentences
from tests.support.stack import Stack

MESSAGES_EACH = 8
# One message of a sender in so many seconds is no burst.
PAUSE_SECONDS = 1.7
RENEW_MILLISECONDS = 3000


async def speak(chat: PagesChat, texts: list[str]) -> None:
    for text in texts:
        await chat.emit("send-message", message=text)
        await asyncio.sleep(PAUSE_SECONDS)


async def lose_the_network(chat: PagesChat, times: int) -> None:
    for _ in range(times):
        await asyncio.sleep(2.5)
        await chat.emit("break")


async def test_nothing_is_lost_or_shown_twice_by_renewal_or_a_lost_network(
    stack: Stack, tmp_path: Path
) -> None:
    creator = stack.api("lena")
    stream_id = (await asyncio.to_thread(start_stream, creator, title="Pages"))["streamId"]
    client = await asyncio.to_thread(compile_client, tmp_path)
    base = {"apiUrl": stack.outputs["apiUrl"].rstrip("/"), "streamId": stream_id}
    tokens = [await asyncio.to_thread(stack.token, name) for name in ("ana", "ben")]
    texts = sentences(3 * MESSAGES_EACH, random.Random(4))

    async with AsyncExitStack() as opened:
        signed_in, renewing, anonymous = [
            await opened.enter_async_context(pages_chat(client, **base, **options))
            for options in (
                {"token": tokens[0]},
                {"token": tokens[1], "renewMilliseconds": RENEW_MILLISECONDS},
                {},
            )
        ]
        everyone = (signed_in, renewing, anonymous)
        for chat in everyone:
            await chat.emit("open")
        for chat in everyone:
            await chat.until(lambda chat: bool(chat.told("resumed")), 20)
        await asyncio.gather(
            *(speak(chat, texts[n::3]) for n, chat in enumerate(everyone)),
            lose_the_network(anonymous, 5),
        )
        for chat in everyone:
            await chat.until(lambda chat: len(chat.shown()) == len(texts), 30)
        renewals = len(renewing.told("resumed"))
        removed = renewing.told("message")[0]
        await asyncio.to_thread(
            creator.call, "DELETE", f"/{stream_id}/messages/{removed['id']}?reason=spoiler"
        )
        for chat in everyone:
            await chat.until(lambda chat: bool(chat.told("message-updated")), 20)

        once = Counter(texts)
        assert [chat.shown() for chat in everyone] == [once] * 3
        updates = [chat.told("message-updated") for chat in everyone]
        assert [[(u["id"], u["status"]) for u in told] for told in updates] == [
            [(removed["id"], "removed")]
        ] * 3
        assert anonymous.openings() >= 5
        # A renewal is no loss: the state stays open while connection follows connection.
        assert renewing.openings() == 1
        assert renewals >= 4
        assert not any(chat.told("problem") + chat.told("refused") for chat in everyone)
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
