/**
 * What `<live-chat>` shows, and what can be done there: one stream's connection, messages, held
 * queue and waiting time. Draws nothing; it asks its host to.
 */

import type { ReactiveController, ReactiveControllerHost } from 'lit';

import type { ApiClient } from '../api/http.js';
import { faultWords } from '../api/words.js';
import type { Person } from '../session/session.js';
import { ChatClient, type ChatEvent, type ConnectionState } from './chat-client.js';
import { MessageList, type ShownMessage } from './message-list.js';
import { takeTicket } from './ticket.js';

const HISTORY_MESSAGES = 50;
/** A ban takes what the person wrote in this time with it. */
const BAN_REMOVES_SECONDS = 3600;

interface Messages {
  readonly messages: ChatEvent[];
  readonly newestChangeId?: string | null;
}

export class ChatRoom implements ReactiveController {
  messages: readonly ShownMessage[] = [];
  connection: ConnectionState = 'closed';
  isModerator = false;
  held: readonly ChatEvent[] = [];
  /** A fault or an answer in words. */
  note = '';
  /** Why nobody may come in; empty where one may. */
  refusal = '';
  waitSeconds = 0;
  isSlowMode = false;

  readonly #host: ReactiveControllerHost;
  readonly #told: (event: ChatEvent) => void;
  readonly #painted: () => void;
  #api: ApiClient | undefined;
  #streamId = '';
  #client: ChatClient | undefined;
  #shown = new MessageList();
  #countdown: ReturnType<typeof setInterval> | undefined;
  #paint = 0;

  /**
   * @param host Draws.
   * @param told Hears every event of the connection.
   * @param painted Called when messages are about to be drawn.
   */
  constructor(host: ReactiveControllerHost, told: (event: ChatEvent) => void, painted: () => void) {
    this.#host = host;
    this.#told = told;
    this.#painted = painted;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.close();
  }

  get viewerId(): string | undefined {
    return this.#client?.viewerId;
  }

  /** Come in, anew where one was in already. */
  open(api: ApiClient | undefined, streamId: string): void {
    this.close();
    if (api === undefined || streamId === '') return;
    this.#api = api;
    this.#streamId = streamId;
    this.#shown = new MessageList();
    this.messages = [];
    this.held = [];
    this.refusal = '';
    const client = new ChatClient({ streamId, takeTicket: () => takeTicket(api, streamId) });
    this.#client = client;
    client.on('*', (event) => this.#onEvent(event));
    client.on('state', () => this.#onState(client));
    client.open();
    void this.#loadHistory(client);
  }

  close(): void {
    clearInterval(this.#countdown);
    cancelAnimationFrame(this.#paint);
    this.#paint = 0;
    this.waitSeconds = 0;
    this.#client?.close();
    this.#client = undefined;
  }

  /** Send a message and show it at once; false where it cannot be sent now. */
  send(message: string, person: Person): boolean {
    const clientMessageId = this.#client?.emit('send-message', { message });
    if (clientMessageId === undefined) return false;
    const { userId, name: displayName } = person;
    this.#shown.addOwn({ clientMessageId, userId, displayName, text: message });
    this.#repaint();
    return true;
  }

  /** Send a message once more that was not answered. */
  sendAgain(message: ShownMessage): void {
    this.#client?.emit('send-message', { message: message.text, clientMessageId: message.key });
    if (this.#shown.sendAgain(message.key)) this.#repaint();
  }

  say(note: string): void {
    this.note = note;
    this.#host.requestUpdate();
  }

  remove(message: ShownMessage): Promise<unknown> {
    return this.#call(`/${this.#streamId}/messages/${message.id ?? ''}`, 'DELETE');
  }

  /** Ban, or time out for some seconds, who wrote a message. */
  sanction(message: ShownMessage, channelId: string, seconds?: number): Promise<unknown> {
    const path = `/channel/bans/${encodeURIComponent(message.userId)}`;
    const body =
      seconds === undefined
        ? { removeMessagesSeconds: BAN_REMOVES_SECONDS }
        : { durationSeconds: seconds };
    return this.#call(`${path}?channel=${encodeURIComponent(channelId)}`, 'PUT', body);
  }

  /** Tell the platform's people of a message; whether it was taken. */
  async report(message: ShownMessage, reason: string): Promise<boolean> {
    const path = `/${this.#streamId}/messages/${message.id ?? ''}/reports`;
    return (await this.#call(path, 'POST', { reason })) !== undefined;
  }

  async decide(entry: ChatEvent, decision: 'approve' | 'deny'): Promise<void> {
    const path = `/${this.#streamId}/held-messages/${String(entry['id'])}`;
    if ((await this.#call(path, 'POST', { decision })) !== undefined) this.#unhold(entry);
  }

  #onState(client: ChatClient): void {
    const isModerator = client.role !== 'viewer';
    // After each new connection: what was held or decided meanwhile is not told again.
    if (isModerator && client.state === 'open') void this.#loadHeld(client);
    this.connection = client.state;
    this.isModerator = isModerator;
    this.#host.requestUpdate();
  }

  #onEvent(event: ChatEvent): void {
    if (event.type === 'problem') this.#onProblem(event);
    if (event.type === 'refused') this.refusal = String(event['detail']);
    if (event.type === 'resumed' && event['gapTooLarge'] === true && this.#client !== undefined) {
      void this.#loadHistory(this.#client);
    }
    if (event.type === 'message-held' && this.isModerator && event['message'] !== undefined) {
      this.held = [...this.held.filter((entry) => entry['id'] !== event['id']), event];
      this.#host.requestUpdate();
    }
    if (event.type === 'message-updated') this.#unhold(event);
    if (this.#shown.apply(event)) this.#repaint();
    this.#told(event);
  }

  #onProblem(event: ChatEvent): void {
    const problem = (event['problem'] ?? {}) as Record<string, unknown>;
    const seconds = Number(problem['retryAfterSeconds'] ?? 0);
    if (seconds > 0) this.#wait(Math.ceil(seconds), problem['code'] === 'slow-mode');
    else if (event['clientMessageId'] === undefined) this.say(String(problem['detail'] ?? ''));
  }

  #wait(seconds: number, isSlowMode: boolean): void {
    clearInterval(this.#countdown);
    this.waitSeconds = seconds;
    this.isSlowMode = isSlowMode;
    this.#host.requestUpdate();
    this.#countdown = setInterval(() => {
      this.waitSeconds -= 1;
      if (this.waitSeconds <= 0) clearInterval(this.#countdown);
      this.#host.requestUpdate();
    }, 1000);
  }

  #unhold(event: ChatEvent): void {
    if (!this.held.some((entry) => entry['id'] === event['id'])) return;
    this.held = this.held.filter((entry) => entry['id'] !== event['id']);
    this.#host.requestUpdate();
  }

  /** One render a frame however many messages came. */
  #repaint(): void {
    if (this.#paint !== 0) return;
    this.#paint = requestAnimationFrame(() => {
      this.#paint = 0;
      this.messages = this.#shown.messages;
      this.#painted();
      this.#host.requestUpdate();
    });
  }

  async #loadHistory(client: ChatClient): Promise<void> {
    const page = await this.#call<Messages>(
      `/${this.#streamId}/messages?limit=${HISTORY_MESSAGES}`,
    );
    if (page === undefined || client !== this.#client) return;
    this.#shown.addHistory(page.messages);
    if (page.newestChangeId) client.hasSeen(page.newestChangeId);
    this.#repaint();
  }

  async #loadHeld(client: ChatClient): Promise<void> {
    const before = this.held;
    const page = await this.#call<Messages>(`/${this.#streamId}/held-messages`);
    if (page === undefined || client !== this.#client) return;
    // What came, or was decided, while the page was on its way is newer than the page.
    const since = this.held.filter((entry) => !before.includes(entry));
    const decided = before.filter((entry) => !this.held.includes(entry));
    const ids = new Set([...since, ...decided].map((entry) => entry['id']));
    this.held = [...page.messages.filter((entry) => !ids.has(entry['id'])), ...since];
    this.#host.requestUpdate();
  }

  /** A call of the API: its answer, or undefined and the fault as the note. */
  async #call<T>(
    path: string,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' = 'GET',
    body?: object,
  ): Promise<T | undefined> {
    try {
      const answer = await this.#api?.call<T>(path, body === undefined ? { method } : { method, body });
      return answer ?? ({} as T);
    } catch (error) {
      this.say(faultWords(error));
      return undefined;
    }
  }
}
