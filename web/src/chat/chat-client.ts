/**
 * The chat connection as an application sees it: `on('message', …)`, `emit('send-message', …)`.
 *
 * The wire delivers at least once and a socket may vanish at any time. This client hides both:
 * it drops repeats by id and version, reconnects with jitter, resumes after the newest change it
 * has seen, renews the connection before the gateway's two-hour limit, and keeps messages that
 * were not answered until they are.
 */

import type { ChatClientOptions, ChatTicket, ConnectionState, SocketLike } from './connection.js';
import { eventsOf, type ChatEvent, type FrameOf, type FrameType } from './frames.js';
import { Outbox } from './outbox.js';
import { SeenVersions } from './seen-versions.js';

export type { ChatClientOptions, ChatTicket, ConnectionState } from './connection.js';
export type { ChatEvent, FrameOf, FrameType } from './frames.js';

type Listener = (event: ChatEvent) => void;

const HEARTBEAT_MILLISECONDS = 45_000;
const RENEW_MILLISECONDS = 110 * 60_000;
const FIRST_DELAY_MILLISECONDS = 500;
const LONGEST_DELAY_MILLISECONDS = 30_000;
/** A silent server is taken for dead when a pong is this late. */
const PONG_MILLISECONDS = 10_000;
/** A connection is renewed this long before the server would end it. */
const RENEW_EARLY_MILLISECONDS = 30_000;
const SHORTEST_RENEWAL_MILLISECONDS = 5_000;
const OPEN = 1;

/** Faults after which another ticket would be refused too. */
export class ChatRefusedError extends Error {}

export class ChatClient {
  readonly #options: Required<Omit<ChatClientOptions, 'makeSocket'>> & {
    readonly makeSocket: (url: string) => SocketLike;
  };
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #seen = new SeenVersions();
  readonly #outbox = new Outbox((id) => this.#tell({ type: 'unanswered', clientMessageId: id }));
  #socket: SocketLike | undefined;
  #state: ConnectionState = 'closed';
  #newestChangeId: string | undefined;
  #failures = 0;
  #generation = 0;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #pong: ReturnType<typeof setTimeout> | undefined;
  #ticket: ChatTicket | undefined;
  /** Up to where everything has come, while the rest of it is asked for. */
  #resumeFrom: string | undefined;
  #isResuming = false;

  constructor(options: ChatClientOptions) {
    this.#options = {
      heartbeatMilliseconds: HEARTBEAT_MILLISECONDS,
      renewMilliseconds: RENEW_MILLISECONDS,
      random: Math.random,
      makeSocket: (url) => new WebSocket(url) as unknown as SocketLike,
      ...options,
    };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Who the server takes this client for; known once a ticket was taken. */
  get viewerId(): string | undefined {
    return this.#ticket?.viewerId;
  }

  /** What the server lets this connection do. */
  get role(): string {
    return this.#ticket?.role ?? 'viewer';
  }

  get newestChangeId(): string | undefined {
    return this.#newestChangeId;
  }

  /** Say what the application has read elsewhere, such as a page of history. */
  hasSeen(changeId: string): void {
    if (changeId > (this.#newestChangeId ?? '')) this.#newestChangeId = changeId;
    if (changeId > (this.#resumeFrom ?? '')) this.#resumeFrom = changeId;
  }

  /**
   * Listen for one type of event; `*` is every event, `state` a change of the connection's state.
   * Returns a function that stops listening.
   */
  on<Type extends FrameType>(type: Type, listener: (event: FrameOf<Type>) => void): () => void;
  on(type: '*' | 'state' | 'refused' | 'unanswered', listener: Listener): () => void;
  on(type: string, heard: (event: never) => void): () => void {
    const listener = heard as Listener;
    const listeners = this.#listeners.get(type) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(type, listeners);
    return () => listeners.delete(listener);
  }

  /**
   * Send a frame. A message gets a `clientMessageId` and is sent again after a reconnect until the
   * server has answered; the server keeps one message of that id, however often it comes.
   * Returns the `clientMessageId` of a message.
   */
  emit(action: string, members: Record<string, unknown> = {}): string | undefined {
    const frame: Record<string, unknown> = { action, streamId: this.#options.streamId, ...members };
    if (action !== 'send-message') {
      this.#send(frame);
      return undefined;
    }
    const id = (members['clientMessageId'] as string | undefined) ?? crypto.randomUUID();
    frame['clientMessageId'] = id;
    this.#outbox.put(id, frame);
    this.#send(frame);
    return id;
  }

  /** Open the connection and keep it open until `close`. */
  open(): void {
    if (this.#state !== 'closed') return;
    this.#failures = 0;
    void this.#connect();
  }

  close(): void {
    this.#generation += 1;
    this.#clearTimers();
    this.#outbox.clear();
    this.#setState('closed');
    this.#socket?.close(1000);
    this.#socket = undefined;
  }

  async #connect(): Promise<void> {
    const generation = ++this.#generation;
    if (this.#socket === undefined) this.#setState('connecting');
    let ticket: ChatTicket;
    try {
      ticket = await this.#options.takeTicket();
    } catch (error) {
      if (generation !== this.#generation) return;
      if (error instanceof ChatRefusedError) {
        this.close();
        this.#tell({ type: 'refused', detail: error.message });
        return;
      }
      this.#reconnectLater();
      return;
    }
    if (generation !== this.#generation) return;
    this.#ticket = ticket;
    this.#use(`${ticket.chatUrl}?ticket=${encodeURIComponent(ticket.ticket)}`, generation);
  }

  #use(url: string, generation: number): void {
    const former = this.#socket;
    const socket = this.#options.makeSocket(url);
    socket.onopen = () => {
      if (generation !== this.#generation) {
        socket.close(1000);
        return;
      }
      this.#socket = socket;
      this.#failures = 0;
      this.#clearTimers();
      this.#setState('open');
      // The former connection of a renewal stays until the new one is open, so nothing falls between.
      former?.close(1000);
      this.#resume();
      for (const frame of this.#outbox.frames()) this.#send(frame);
      this.#beat();
      this.#later(this.#renewalDelay(), () => void this.#connect());
    };
    socket.onmessage = ({ data }) => {
      for (const event of eventsOf(data)) this.#take(event);
    };
    socket.onerror = () => undefined;
    socket.onclose = () => {
      if (generation !== this.#generation) return;
      former?.close(1000);
      this.#socket = undefined;
      this.#clearTimers();
      this.#reconnectLater();
    };
  }

  #renewalDelay(): number {
    const delay = this.#options.renewMilliseconds * (0.9 + 0.1 * this.#options.random());
    const end = Date.parse(this.#ticket?.connectionExpiresAt ?? '');
    if (Number.isNaN(end)) return delay;
    const left = end - Date.now() - RENEW_EARLY_MILLISECONDS;
    return Math.min(delay, Math.max(SHORTEST_RENEWAL_MILLISECONDS, left));
  }

  #reconnectLater(): void {
    const longest = Math.min(
      LONGEST_DELAY_MILLISECONDS,
      FIRST_DELAY_MILLISECONDS * 2 ** Math.min(this.#failures, 10),
    );
    this.#failures += 1;
    this.#setState('waiting');
    // Full jitter: a thousand clients that lost the server together do not come back together.
    this.#later(longest * (0.2 + 0.8 * this.#options.random()), () => void this.#connect());
  }

  #resume(isContinuation = false): void {
    if (!this.#isResuming) {
      // What comes live from now on says nothing of what lies before it: should the connection
      // break before the answer has come, the next one asks from here again.
      this.#resumeFrom = this.#newestChangeId;
      this.#isResuming = true;
    }
    const after = this.#resumeFrom;
    this.#send({
      action: 'resume',
      streamId: this.#options.streamId,
      ...(after === undefined ? {} : { after }),
      ...(isContinuation ? { isContinuation } : {}),
    });
  }

  /** One page of what was missed has come; the place is kept in case the connection breaks now. */
  #onResumed(event: ChatEvent): void {
    const reached = event['newestChangeId'];
    const hasMore = event['hasMore'] === true && typeof reached === 'string';
    this.#isResuming = hasMore;
    if (!hasMore) return;
    this.#resumeFrom = reached;
    this.#resume(true);
  }

  #beat(): void {
    this.#later(this.#options.heartbeatMilliseconds, () => {
      this.#send({ action: 'heartbeat', streamId: this.#options.streamId });
      this.#pong ??= setTimeout(() => this.#socket?.close(4000, 'no pong'), PONG_MILLISECONDS);
      this.#beat();
    });
  }

  #take(event: ChatEvent): void {
    const answered = event['clientMessageId'];
    if (typeof answered === 'string') this.#outbox.answered(answered);
    if (event.type === 'pong') {
      clearTimeout(this.#pong);
      this.#pong = undefined;
      const newest = event['newestChangeId'];
      if (typeof newest === 'string' && newest > (this.#newestChangeId ?? '')) this.#resume();
    }
    if (event.type === 'resumed') this.#onResumed(event);
    if (this.#seen.isRepeat(event)) return;
    const changeId = event['changeId'];
    if (typeof changeId === 'string' && changeId > (this.#newestChangeId ?? '')) {
      this.#newestChangeId = changeId;
      this.#resumeFrom ??= changeId;
    }
    this.#tell(event);
  }

  #tell(event: ChatEvent): void {
    for (const type of [event.type, '*']) {
      for (const listener of this.#listeners.get(type) ?? []) listener(event);
    }
  }

  #send(frame: Record<string, unknown>): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(frame));
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell({ type: 'state', state });
  }

  #later(milliseconds: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, milliseconds);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#pong);
    this.#pong = undefined;
  }
}
