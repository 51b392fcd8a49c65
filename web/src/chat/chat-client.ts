/**
 * The chat connection as an application sees it: `on('message', …)`, `emit('send-message', …)`.
 *
 * The wire delivers at least once and a socket may vanish at any time. This client hides both:
 * it drops repeats by id and version, reconnects with jitter, resumes after the newest change it
 * has seen, renews the connection before the gateway's two-hour limit, and keeps messages that
 * were not answered until they are.
 */

import type { BatchFrame, OutboundFrame } from '../generated/frames.js';

export interface ChatTicket {
  readonly ticket: string;
  readonly chatUrl: string;
  readonly viewerId: string;
  readonly expiresIn: number;
  /** What the connection may do: `owner`, `moderator` or `viewer`. */
  readonly role?: string;
  /** When the server ends the connection, because the caller's token ends. */
  readonly connectionExpiresAt?: string;
}

/** Any event of the server; `type` tells which. */
export interface ChatEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

type SingleFrame = Exclude<OutboundFrame, BatchFrame>;
export type FrameType = NonNullable<SingleFrame['type']>;
/** The event of one type, as the platform's own description of its frames has it. */
export type FrameOf<Type extends FrameType> = ChatEvent & Extract<SingleFrame, { type?: Type }>;

/** What the application sees of the connection itself. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
}

export interface ChatClientOptions {
  readonly streamId: string;
  /** Fetches a fresh single-use ticket; called for every connection. */
  readonly takeTicket: () => Promise<ChatTicket>;
  /** Makes the socket; the browser's WebSocket by default. */
  readonly makeSocket?: (url: string) => SocketLike;
  readonly heartbeatMilliseconds?: number;
  /** How long one connection is used before it is renewed; API Gateway ends it after two hours. */
  readonly renewMilliseconds?: number;
  readonly random?: () => number;
}

type Listener = (event: ChatEvent) => void;

interface Unanswered {
  readonly frame: Record<string, unknown>;
  readonly givesUp: ReturnType<typeof setTimeout>;
}

const HEARTBEAT_MILLISECONDS = 45_000;
const RENEW_MILLISECONDS = 110 * 60_000;
const FIRST_DELAY_MILLISECONDS = 500;
const LONGEST_DELAY_MILLISECONDS = 30_000;
/** A silent server is taken for dead when a pong is this late. */
const PONG_MILLISECONDS = 10_000;
/** A message that was not answered in this time is given back to the application. */
const ANSWER_MILLISECONDS = 60_000;
/** A connection is renewed this long before the server would end it. */
const RENEW_EARLY_MILLISECONDS = 30_000;
const SHORTEST_RENEWAL_MILLISECONDS = 5_000;
const REMEMBERED_VERSIONS = 4_000;
const OPEN = 1;

/** Faults after which another ticket would be refused too. */
export class ChatRefusedError extends Error {}

export class ChatClient {
  readonly #options: Required<Omit<ChatClientOptions, 'makeSocket'>> & {
    readonly makeSocket: (url: string) => SocketLike;
  };
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #versions = new Map<string, number>();
  readonly #unanswered = new Map<string, Unanswered>();
  #socket: SocketLike | undefined;
  #state: ConnectionState = 'closed';
  #newestChangeId: string | undefined;
  #failures = 0;
  #generation = 0;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #pong: ReturnType<typeof setTimeout> | undefined;
  #ticket: ChatTicket | undefined;
  /** Where an answer to `resume` that came in part has got to. */
  #resumedTo: string | undefined;

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
    this.#answered(id);
    const givesUp = setTimeout(() => {
      this.#answered(id);
      this.#tell({ type: 'unanswered', clientMessageId: id });
    }, ANSWER_MILLISECONDS);
    this.#unanswered.set(id, { frame, givesUp });
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
    for (const id of [...this.#unanswered.keys()]) this.#answered(id);
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
      this.#sendUnanswered();
      this.#beat();
      this.#later(this.#renewalDelay(), () => void this.#connect());
    };
    socket.onmessage = ({ data }) => this.#receive(data);
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
    const after = this.#resumedTo ?? this.#newestChangeId;
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
    this.#resumedTo = hasMore ? reached : undefined;
    if (hasMore) this.#resume(true);
  }

  #sendUnanswered(): void {
    for (const { frame } of this.#unanswered.values()) this.#send(frame);
  }

  #answered(id: string): void {
    clearTimeout(this.#unanswered.get(id)?.givesUp);
    this.#unanswered.delete(id);
  }

  #beat(): void {
    this.#later(this.#options.heartbeatMilliseconds, () => {
      this.#send({ action: 'heartbeat', streamId: this.#options.streamId });
      this.#pong ??= setTimeout(() => this.#socket?.close(4000, 'no pong'), PONG_MILLISECONDS);
      this.#beat();
    });
  }

  #receive(data: unknown): void {
    let frame: unknown;
    try {
      frame = JSON.parse(String(data));
    } catch {
      return;
    }
    if (!isEvent(frame)) return;
    const events = frame.type === 'batch' && Array.isArray(frame['events']) ? frame['events'] : [frame];
    for (const event of events as unknown[]) if (isEvent(event)) this.#take(event);
  }

  #take(event: ChatEvent): void {
    const answered = event['clientMessageId'];
    if (typeof answered === 'string') this.#answered(answered);
    if (event.type === 'pong') {
      clearTimeout(this.#pong);
      this.#pong = undefined;
      const newest = event['newestChangeId'];
      if (typeof newest === 'string' && newest > (this.#newestChangeId ?? '')) this.#resume();
    }
    if (event.type === 'resumed') this.#onResumed(event);
    if (this.#isRepeat(event)) return;
    const changeId = event['changeId'];
    if (typeof changeId === 'string' && changeId > (this.#newestChangeId ?? '')) {
      this.#newestChangeId = changeId;
    }
    this.#tell(event);
  }

  /** Events about one thing carry a version; an older or equal one has been seen. */
  #isRepeat(event: ChatEvent): boolean {
    const version = event['version'];
    if (typeof version !== 'number') return false;
    const subject = event['id'] ?? event['userId'] ?? event['streamId'] ?? '';
    const kind = event.type === 'message' || event.type === 'message-updated' ? 'message' : event.type;
    const key = `${kind}#${String(subject)}`;
    const seen = this.#versions.get(key);
    if (seen !== undefined && seen >= version) return true;
    this.#versions.delete(key);
    this.#versions.set(key, version);
    if (this.#versions.size > REMEMBERED_VERSIONS) {
      const oldest = this.#versions.keys().next().value;
      if (oldest !== undefined) this.#versions.delete(oldest);
    }
    return false;
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

function isEvent(value: unknown): value is ChatEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
