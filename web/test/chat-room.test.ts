// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { ApiClient } from '../src/api/http.js';
import { ChatRoom } from '../src/chat/chat-room.js';
import { FakeSocket } from './fake-socket.js';

type Answer = (value: unknown) => void;

const held = (id: string) => ({ type: 'message-held', id, message: `text of ${id}`, version: 1 });
const approved = (id: string) => ({ type: 'message-updated', id, status: 'shown', version: 2 });

describe('ChatRoom of a moderator', () => {
  let sockets: FakeSocket[];
  let room: ChatRoom;
  /** Calls for held messages that were not answered yet, by stream. */
  let asked: { path: string; answer: Answer }[];

  const api = {
    call: (path: string): Promise<unknown> => {
      if (path.endsWith('/chat-ticket')) {
        const ticket = { ticket: 't', chatUrl: 'ws://chat.test', viewerId: 'v', role: 'moderator' };
        return Promise.resolve({ ...ticket, expiresIn: 60 });
      }
      if (!path.endsWith('/held-messages')) return Promise.resolve({ messages: [] });
      return new Promise((answer) => asked.push({ path, answer }));
    },
  } as unknown as ApiClient;

  const enter = async (streamId: string): Promise<FakeSocket> => {
    room.open(api, streamId);
    await vi.advanceTimersByTimeAsync(0);
    sockets.at(-1)?.open();
    return sockets.at(-1) as FakeSocket;
  };
  const answer = async (...ids: string[]): Promise<void> => {
    asked.shift()?.answer({ messages: ids.map(held) });
    await vi.advanceTimersByTimeAsync(0);
  };
  const shown = (): unknown[] => room.held.map((entry) => entry['id']);

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    asked = [];
    vi.stubGlobal(
      'WebSocket',
      class extends FakeSocket {
        constructor(url: string) {
          super(url);
          sockets.push(this);
        }
      },
    );
    const nothing = (): void => undefined;
    const host = { addController: nothing, removeController: nothing, requestUpdate: nothing };
    room = new ChatRoom({ ...host, updateComplete: Promise.resolve(true) }, nothing, nothing);
  });

  afterEach(() => {
    room.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('asks what is held after each new connection', async () => {
    const socket = await enter('one');
    await answer('a', 'b');
    expect(shown()).toEqual(['a', 'b']);
    socket.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    sockets.at(-1)?.open();
    await answer('b', 'c');
    expect(shown()).toEqual(['b', 'c']);
  });

  it('believes what it was told meanwhile, and not an older page', async () => {
    const socket = await enter('one');
    await answer('a', 'b');
    socket.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    const next = sockets.at(-1) as FakeSocket;
    next.open();
    next.receive(approved('a'));
    next.receive(held('c'));
    await answer('a', 'b');
    expect(shown()).toEqual(['b', 'c']);
  });

  it('shows nothing of the stream that it has left', async () => {
    await enter('one');
    await enter('two');
    expect(asked.map(({ path }) => path)).toEqual(['/one/held-messages', '/two/held-messages']);
    const [first] = asked.splice(0, 1);
    await answer('of-two');
    first?.answer({ messages: [held('of-one')] });
    await vi.advanceTimersByTimeAsync(0);
    expect(shown()).toEqual(['of-two']);
  });
});
