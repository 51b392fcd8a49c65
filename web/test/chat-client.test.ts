import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ChatClient, ChatRefusedError, type ChatEvent } from '../src/chat/chat-client.js';
import { FakeGateway } from './fake-socket.js';

const message = (id: string, changeId: string, version = 1): Record<string, unknown> => ({
  type: 'message',
  id,
  streamId: 'stream',
  userId: 'someone',
  displayName: 'Someone',
  role: 'viewer',
  message: `text of ${id}`,
  timestamp: '2026-01-01T00:00:00Z',
  clientMessageId: `client-${id}`,
  changeId,
  version,
});

describe('ChatClient', () => {
  let gateway: FakeGateway;
  let client: ChatClient;
  let seen: ChatEvent[];

  beforeEach(() => {
    vi.useFakeTimers();
    gateway = new FakeGateway();
    client = new ChatClient({ streamId: 'stream', random: () => 0.5, ...gateway });
    seen = [];
    client.on('message', (event) => seen.push(event));
  });

  afterEach(() => {
    client.close();
    vi.useRealTimers();
  });

  const opened = async (): Promise<void> => {
    client.open();
    await vi.advanceTimersByTimeAsync(0);
    gateway.newest.open();
  };

  it('takes a ticket, opens, and resumes once', async () => {
    await opened();
    expect(gateway.newest.url).toBe('ws://chat.test?ticket=ticket-1');
    expect(gateway.newest.sentOf('resume')).toEqual([{ action: 'resume', streamId: 'stream' }]);
    expect(client.state).toBe('open');
  });

  it('drops repeats and older versions, whether they come alone or in a batch', async () => {
    await opened();
    gateway.newest.receive(message('a', '01'));
    gateway.newest.receive({ type: 'batch', events: [message('a', '01'), message('b', '02')] });
    gateway.newest.receive(message('b', '02', 0));
    expect(seen.map((event) => event['id'])).toEqual(['a', 'b']);
  });

  it('survives frames that are not what they should be', async () => {
    await opened();
    for (const frame of ['', '{', '[]', 'null', '7', '{"type":7}', '{"type":"batch","events":7}']) {
      gateway.newest.receive(frame);
    }
    gateway.newest.receive({ type: 'batch', events: [null, 7, 'x', { no: 'type' }, message('a', '01')] });
    expect(seen).toHaveLength(1);
  });

  it('comes back after a loss and resumes after the newest change it has seen', async () => {
    await opened();
    gateway.newest.receive(message('a', '05'));
    gateway.newest.close(1006);
    expect(client.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gateway.sockets).toHaveLength(2);
    gateway.newest.open();
    expect(gateway.newest.sentOf('resume')[0]).toMatchObject({ after: '05' });
    gateway.newest.receive({ type: 'batch', events: [message('a', '05'), message('b', '06')] });
    expect(seen.map((event) => event['id'])).toEqual(['a', 'b']);
  });

  it('asks on while an answer to resume comes in parts, also over a loss between two parts', async () => {
    await opened();
    const part = { type: 'resumed', streamId: 'stream', newestChangeId: '10', hasMore: true };
    gateway.newest.receive(part);
    expect(gateway.newest.sentOf('resume').at(-1)).toMatchObject({ after: '10', isContinuation: true });
    gateway.newest.receive(message('live', '99'));
    gateway.newest.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    gateway.newest.open();
    expect(gateway.newest.sentOf('resume')[0]).toMatchObject({ after: '10' });
    gateway.newest.receive({ ...part, newestChangeId: '99', hasMore: false });
    gateway.newest.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    gateway.newest.open();
    expect(gateway.newest.sentOf('resume')[0]).toMatchObject({ after: '99' });
  });

  it('takes a resume that was cut off up where it began, whatever came live meanwhile', async () => {
    const answer = { type: 'resumed', streamId: 'stream' };
    const again = async (): Promise<void> => {
      gateway.newest.close(1006);
      await vi.advanceTimersByTimeAsync(60_000);
      gateway.newest.open();
    };
    await opened();
    gateway.newest.receive({ type: 'batch', events: [message('a', '05'), answer] });
    await again();
    gateway.newest.receive(message('live', '90'));
    await again();
    expect(gateway.newest.sentOf('resume')[0]).toMatchObject({ after: '05' });
    gateway.newest.receive({ type: 'batch', events: [message('missed', '06'), answer] });
    await again();
    expect(gateway.newest.sentOf('resume')[0]).toMatchObject({ after: '90' });
    expect(seen.map((event) => event['id'])).toEqual(['a', 'live', 'missed']);
  });

  it('resumes when a pong tells of a change it has not seen', async () => {
    await opened();
    gateway.newest.receive(message('a', '05'));
    gateway.newest.receive({ type: 'pong', newestChangeId: '05' });
    expect(gateway.newest.sentOf('resume')).toHaveLength(1);
    gateway.newest.receive({ type: 'pong', newestChangeId: '06' });
    expect(gateway.newest.sentOf('resume')).toHaveLength(2);
  });

  it('takes a silent server for dead', async () => {
    await opened();
    await vi.advanceTimersByTimeAsync(45_000);
    expect(gateway.newest.sentOf('heartbeat')).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(client.state).toBe('waiting');
  });

  it('renews before the connection ends, and loses nothing between the two', async () => {
    const end = new Date(Date.now() + 90_000).toISOString();
    const takeTicket = async () => ({
      ...(await gateway.takeTicket()),
      connectionExpiresAt: end,
    });
    client = new ChatClient({ streamId: 'stream', makeSocket: gateway.makeSocket, takeTicket });
    client.on('message', (event) => seen.push(event));
    const states: unknown[] = [];
    client.on('state', (event) => states.push(event['state']));
    await opened();
    const former = gateway.newest;
    former.receive(message('a', '01'));
    for (let second = 0; second < 61; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      former.receive({ type: 'pong' });
    }
    expect(gateway.sockets).toHaveLength(2);
    former.receive(message('b', '02'));
    expect(former.readyState).toBe(1);
    gateway.newest.open();
    expect(former.readyState).toBe(3);
    gateway.newest.receive({ type: 'batch', events: [message('b', '02'), message('c', '03')] });
    expect(seen.map((event) => event['id'])).toEqual(['a', 'b', 'c']);
    expect(states).toEqual(['connecting', 'open']);
  });

  it('sends a message again after a loss until it is answered', async () => {
    await opened();
    const id = client.emit('send-message', { message: 'hello' });
    gateway.newest.close(1006);
    await vi.advanceTimersByTimeAsync(5_000);
    gateway.newest.open();
    expect(gateway.newest.sentOf('send-message')).toMatchObject([{ clientMessageId: id }]);
    gateway.newest.receive({ type: 'message-accepted', id: 'a', clientMessageId: id });
    gateway.newest.close(1006);
    await vi.advanceTimersByTimeAsync(60_000);
    gateway.newest.open();
    expect(gateway.newest.sentOf('send-message')).toEqual([]);
  });

  it('gives a message back when nobody answered it in time', async () => {
    await opened();
    const given: unknown[] = [];
    client.on('unanswered', (event) => given.push(event['clientMessageId']));
    const id = client.emit('send-message', { message: 'hello' });
    for (let second = 0; second < 75; second += 1) {
      await vi.advanceTimersByTimeAsync(1000);
      gateway.newest.receive({ type: 'pong' });
    }
    expect(given).toEqual([id]);
  });

  it('stops where another ticket would be refused too', async () => {
    const refused: unknown[] = [];
    client = new ChatClient({
      streamId: 'stream',
      makeSocket: gateway.makeSocket,
      takeTicket: () => Promise.reject(new ChatRefusedError('You are banned from this channel.')),
    });
    client.on('refused', (event) => refused.push(event['detail']));
    client.open();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(refused).toEqual(['You are banned from this channel.']);
    expect(client.state).toBe('closed');
  });

  it('goes on trying while tickets fail for a reason that passes', async () => {
    let failures = 3;
    client = new ChatClient({
      streamId: 'stream',
      makeSocket: gateway.makeSocket,
      takeTicket: () => (failures-- > 0 ? Promise.reject(new Error('503')) : gateway.takeTicket()),
    });
    client.open();
    await vi.advanceTimersByTimeAsync(60_000);
    gateway.newest.open();
    expect(client.state).toBe('open');
  });

  it('does nothing more once it is closed', async () => {
    await opened();
    client.close();
    await vi.advanceTimersByTimeAsync(300_000);
    expect(gateway.sockets).toHaveLength(1);
    expect(client.state).toBe('closed');
  });
});
