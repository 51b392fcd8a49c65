/**
 * `<live-chat stream-id="…">`: history, live messages, the composer and, for moderators, a menu on
 * each message. The page hands in `api` and the session's person; nothing here knows tokens.
 */

import { LitElement, css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';
import { repeat } from 'lit/directives/repeat.js';

import { ProblemError, type ApiClient } from '../api/http.js';
import {
  ChatClient,
  ChatRefusedError,
  type ChatEvent,
  type ChatTicket,
  type ConnectionState,
} from '../chat/chat-client.js';
import { MessageList, type ShownMessage } from '../chat/message-list.js';
import { piecesOf, plain } from '../chat/rich-text.js';
import { icon } from '../icons.js';
import type { Person } from '../session/session.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

export const MESSAGE_CHARACTERS = 500;
const HISTORY_MESSAGES = 50;
/** Within this of the end, the list follows new messages. */
const FOLLOW_PIXELS = 48;
const EMOJI = ['😀', '😂', '😍', '🔥', '👏', '🎉', '😮', '😢', '👍', '❤️', '🙏', '💯'];
const REPORT_REASONS = [
  ['spam', 'reportSpam'],
  ['harassment', 'reportHarassment'],
  ['hate', 'reportHate'],
  ['other', 'reportOther'],
] as const;
const VIEWER_KEY = 'ayinel.viewer';
const TIME_OUT_SECONDS = 600;
const REFUSED = new Set([401, 403, 404]);

@customElement('live-chat')
export class LiveChat extends LitElement {
  @property({ attribute: 'stream-id' }) streamId = '';
  @property({ attribute: false }) api: ApiClient | undefined;
  /** Who is signed in; undefined reads along. */
  @property({ attribute: false }) person: Person | undefined;
  /** Whose channel it is; a moderator's sanctions need it. */
  @property({ attribute: 'channel-id' }) channelId = '';

  /** Shows the menu on messages and the held queue: what the server says of the connection. */
  @state() private moderator = false;
  @state() private messages: readonly ShownMessage[] = [];
  @state() private connection: ConnectionState = 'closed';
  @state() private isFollowing = true;
  @state() private hasUnseen = false;
  @state() private waitSeconds = 0;
  @state() private waitKind: 'slow-mode' | 'other' = 'other';
  @state() private draft = '';
  @state() private isEmojiOpen = false;
  @state() private menuOf: string | undefined;
  @state() private held: readonly ChatEvent[] = [];
  @state() private note = '';
  @state() private refusal = '';

  @query('.list') private list!: HTMLElement;
  @query('textarea') private composer: HTMLTextAreaElement | undefined;

  #client: ChatClient | undefined;
  #shown = new MessageList();
  #countdown: ReturnType<typeof setInterval> | undefined;
  #paint = 0;

  static override readonly styles = [
    controlStyles,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        position: relative;
        background: var(--live-surface, #f4f5f7);
        border-radius: var(--live-radius, 0.5rem);
      }
      .list {
        flex: 1;
        min-height: 8rem;
        overflow-y: auto;
        overflow-anchor: none;
        padding: 0.75rem;
        contain: content;
      }
      .message {
        position: relative;
        padding: 0.125rem 2rem 0.125rem 0;
        overflow-wrap: anywhere;
        unicode-bidi: isolate;
        overflow: clip;
        line-height: 1.45;
      }
      .name {
        font-weight: 600;
        margin-inline-end: 0.375rem;
      }
      .role {
        font-size: 0.75rem;
        border: 1px solid currentcolor;
        border-radius: 0.25rem;
        padding: 0 0.25rem;
        margin-inline-end: 0.375rem;
        color: var(--live-accent, #5b2fd6);
      }
      .state {
        font-size: 0.8125rem;
        margin-inline-start: 0.375rem;
      }
      .pending {
        opacity: 0.75;
      }
      a {
        color: var(--live-accent, #5b2fd6);
      }
      .menu-button {
        position: absolute;
        inset-block-start: 0;
        inset-inline-end: 0;
        min-height: 1.5rem;
        min-width: 1.5rem;
        padding: 0;
        border: none;
        background: transparent;
      }
      .menu {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem;
        padding: 0.25rem 0;
      }
      .new {
        position: absolute;
        inset-inline: 0;
        inset-block-end: 100%;
        margin: 0 auto 0.5rem;
        width: max-content;
      }
      .bar {
        padding: 0.375rem 0.75rem;
        font-size: 0.875rem;
      }
      form,
      .foot {
        position: relative;
        border-top: 1px solid var(--live-line, #d5d9e0);
        padding: 0.5rem;
      }
      form .row {
        display: flex;
        gap: 0.375rem;
        align-items: end;
      }
      textarea {
        resize: none;
        flex: 1;
      }
      .emoji {
        display: flex;
        flex-wrap: wrap;
        gap: 0.125rem;
        padding-bottom: 0.375rem;
      }
      .emoji button {
        padding: 0 0.375rem;
      }
      .held {
        border-bottom: 1px solid var(--live-line, #d5d9e0);
        padding: 0.5rem 0.75rem;
        max-height: 40%;
        overflow-y: auto;
      }
      .held h3 {
        margin: 0 0 0.25rem;
        font-size: 0.9375rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#close();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('streamId') || changed.has('api') || changed.has('person')) this.#open();
    if ((changed as Map<string, unknown>).has('moderator') && this.moderator) void this.#loadHeld();
  }

  override render() {
    return html`
      ${this.#connectionBar()} ${this.moderator ? this.#heldQueue() : nothing}
      <div
        class="list"
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label=${text('chatMessages')}
        tabindex="0"
        @scroll=${this.#onScroll}
      >
        ${this.messages.length === 0
          ? html`<div class="muted">${text('noMessages')}</div>`
          : repeat(
              this.messages,
              (message) => message.key,
              // A message that did not change costs nothing, however many are shown.
              (message) =>
                guard([message, this.menuOf === message.key, this.moderator, this.person], () =>
                  this.#message(message),
                ),
            )}
      </div>
      ${this.#foot()}
    `;
  }

  #connectionBar() {
    if (this.refusal !== '') return html`<div class="bar error" role="alert">${this.refusal}</div>`;
    if (this.connection === 'open') return nothing;
    const key = this.connection === 'waiting' ? 'chatReconnecting' : 'chatConnecting';
    return html`<div class="bar muted" role="status" data-connection=${this.connection}>
      ${text(this.connection === 'closed' ? 'chatClosed' : key)}
    </div>`;
  }

  #message(message: ShownMessage) {
    const isPending = message.state !== 'shown' && message.state !== 'removed';
    return html`<div
      class="message ${isPending ? 'pending' : ''}"
      data-id=${message.id ?? nothing}
      data-state=${message.state}
    >
      ${message.role === 'owner' ? html`<span class="role">${text('roleOwner')}</span>` : nothing}
      ${message.role === 'moderator'
        ? html`<span class="role">${text('roleModerator')}</span>`
        : nothing}
      <span class="name"><bdi>${plain(message.displayName)}</bdi></span>
      ${message.state === 'removed'
        ? html`<em class="muted">${text('messageRemoved')}</em>`
        : html`<bdi class="text">${this.#text(message.text)}</bdi>`}
      ${isPending ? this.#stateOf(message) : nothing} ${this.#menu(message)}
    </div>`;
  }

  #text(message: string) {
    return piecesOf(message).map((piece) =>
      piece.url === undefined
        ? piece.text
        : html`<a href=${piece.url} target="_blank" rel="noopener noreferrer nofollow ugc"
            >${piece.text}</a
          >`,
    );
  }

  #stateOf(message: ShownMessage) {
    const words = {
      sending: text('messageSending'),
      checking: text('messageChecking'),
      held: text('messageHeld'),
      rejected: text('messageRejected', { reason: message.reason ?? '' }),
      unanswered: text('messageUnanswered'),
      shown: '',
      removed: '',
    };
    const isFault = message.state === 'rejected' || message.state === 'unanswered';
    return html`<span class="state ${isFault ? 'error' : 'muted'}">${words[message.state]}</span>`;
  }

  #menu(message: ShownMessage) {
    const isOwn = message.userId === this.#client?.viewerId;
    if (message.id === undefined || message.state !== 'shown') return nothing;
    if (!this.moderator && (this.person === undefined || isOwn)) return nothing;
    const isOpen = this.menuOf === message.key;
    return html`<button
        class="menu-button"
        aria-expanded=${isOpen}
        aria-label=${text('messageMenu', { name: plain(message.displayName) })}
        @click=${() => (this.menuOf = isOpen ? undefined : message.key)}
      >
        ⋯
      </button>
      ${isOpen
        ? html`<div class="menu">
            ${this.moderator
              ? html`<button @click=${() => void this.#remove(message)}>
                    ${text('removeMessage')}
                  </button>
                  ${isOwn
                    ? nothing
                    : html`<button @click=${() => void this.#sanction(message, TIME_OUT_SECONDS)}>
                          ${text('timeOut')}
                        </button>
                        <button class="danger" @click=${() => void this.#sanction(message)}>
                          ${text('ban')}
                        </button>`}`
              : html`<span class="muted">${text('report')}:</span>
                  ${REPORT_REASONS.map(
                    ([reason, key]) =>
                      html`<button @click=${() => void this.#report(message, reason)}>
                        ${text(key)}
                      </button>`,
                  )}`}
          </div>`
        : nothing}`;
  }

  #heldQueue() {
    if (this.held.length === 0) return nothing;
    return html`<section class="held" aria-label=${text('heldMessages')}>
      <h3>${text('heldMessages')}</h3>
      ${this.held.map(
        (entry) =>
          html`<div data-held=${String(entry['id'])}>
            <strong><bdi>${plain(String(entry['displayName'] ?? ''))}</bdi></strong>
            <bdi>${plain(String(entry['message'] ?? ''))}</bdi>
            <div class="menu">
              <button @click=${() => void this.#decide(entry, 'approve')}>${text('approve')}</button>
              <button @click=${() => void this.#decide(entry, 'deny')}>${text('deny')}</button>
            </div>
          </div>`,
      )}
    </section>`;
  }

  #foot() {
    const news = this.hasUnseen
      ? html`<button class="new primary" @click=${this.#follow}>${text('newMessages')}</button>`
      : nothing;
    const note = html`<div class="bar muted" role="status" ?hidden=${this.note === ''}>
      ${this.note}
    </div>`;
    if (this.person === undefined) {
      return html`<div class="foot">${news}${note}
        <slot name="sign-in"><span class="muted">${text('signInToChat')}</span></slot>
      </div>`;
    }
    const over = Array.from(this.draft).length - MESSAGE_CHARACTERS;
    const wait = text(this.waitKind === 'slow-mode' ? 'slowMode' : 'waitToSend', {
      seconds: this.waitSeconds,
    });
    return html`<form @submit=${this.#submit}>
      ${news}${note}
      ${this.isEmojiOpen
        ? html`<div class="emoji">
            ${EMOJI.map(
              (emoji) =>
                html`<button type="button" @click=${() => this.#insert(emoji)}>${emoji}</button>`,
            )}
          </div>`
        : nothing}
      <div class="row">
        <button
          type="button"
          aria-label=${text('emoji')}
          aria-expanded=${this.isEmojiOpen}
          @click=${() => (this.isEmojiOpen = !this.isEmojiOpen)}
        >
          ${icon('emoji')}
        </button>
        <textarea
          rows="1"
          aria-label=${text('writeMessage')}
          placeholder=${text('writeMessage')}
          .value=${this.draft}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
        ></textarea>
        <button class="primary" ?disabled=${this.waitSeconds > 0 || over > 0 || !this.draft.trim()}>
          ${text('send')}
        </button>
      </div>
      ${over > 0
        ? html`<div class="error" role="alert">${text('messageTooLong', { count: over })}</div>`
        : nothing}
      ${this.waitSeconds > 0 ? html`<div class="muted" data-wait>${wait}</div>` : nothing}
    </form>`;
  }

  #open(): void {
    this.#close();
    const { api, streamId } = this;
    if (api === undefined || streamId === '' || !this.isConnected) return;
    this.#shown = new MessageList();
    this.messages = [];
    this.refusal = '';
    const client = new ChatClient({ streamId, takeTicket: () => takeTicket(api, streamId) });
    this.#client = client;
    client.on('*', (event) => this.#onEvent(event));
    client.on('state', () => {
      this.connection = client.state;
      this.moderator = client.role !== 'viewer';
    });
    client.open();
    void this.#loadHistory(client);
  }

  #close(): void {
    clearInterval(this.#countdown);
    cancelAnimationFrame(this.#paint);
    this.#paint = 0;
    this.#client?.close();
    this.#client = undefined;
  }

  #onEvent(event: ChatEvent): void {
    if (event.type === 'problem') this.#onProblem(event);
    if (event.type === 'refused') this.refusal = String(event['detail']);
    if (event.type === 'resumed' && event['gapTooLarge'] === true && this.#client !== undefined) {
      void this.#loadHistory(this.#client);
    }
    if (event.type === 'message-held' && this.moderator && event['message'] !== undefined) {
      this.held = [...this.held.filter((entry) => entry['id'] !== event['id']), event];
    }
    if (event.type === 'message-updated') {
      this.held = this.held.filter((entry) => entry['id'] !== event['id']);
    }
    if (this.#shown.apply(event)) this.#repaint();
    this.dispatchEvent(new CustomEvent('live-event', { detail: event, bubbles: true, composed: true }));
  }

  #onProblem(event: ChatEvent): void {
    const problem = (event['problem'] ?? {}) as Record<string, unknown>;
    const seconds = Number(problem['retryAfterSeconds'] ?? 0);
    if (seconds > 0) this.#wait(Math.ceil(seconds), problem['code'] === 'slow-mode');
    else if (event['clientMessageId'] === undefined) this.note = String(problem['detail'] ?? '');
  }

  #wait(seconds: number, isSlowMode: boolean): void {
    clearInterval(this.#countdown);
    this.waitSeconds = seconds;
    this.waitKind = isSlowMode ? 'slow-mode' : 'other';
    this.#countdown = setInterval(() => {
      this.waitSeconds -= 1;
      if (this.waitSeconds <= 0) clearInterval(this.#countdown);
    }, 1000);
  }

  /** One render a frame however many messages came. */
  #repaint(): void {
    if (this.#paint !== 0) return;
    this.#paint = requestAnimationFrame(() => {
      this.#paint = 0;
      this.messages = this.#shown.messages;
      if (this.isFollowing) void this.updateComplete.then(() => this.#toEnd());
      else this.hasUnseen = true;
    });
  }

  #toEnd(): void {
    this.list.scrollTop = this.list.scrollHeight;
  }

  #follow = (): void => {
    this.isFollowing = true;
    this.hasUnseen = false;
    this.#toEnd();
  };

  #onScroll = (): void => {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    this.isFollowing = scrollHeight - scrollTop - clientHeight < FOLLOW_PIXELS;
    if (this.isFollowing) this.hasUnseen = false;
  };

  #onInput = (event: Event): void => {
    this.draft = (event.target as HTMLTextAreaElement).value;
    this.note = '';
  };

  #onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) this.#submit(event);
  };

  #insert(emoji: string): void {
    this.draft += emoji;
    this.composer?.focus();
  }

  #submit = (event: Event): void => {
    event.preventDefault();
    const message = this.draft.trim();
    const { person } = this;
    if (message === '' || person === undefined || this.waitSeconds > 0) return;
    if (Array.from(message).length > MESSAGE_CHARACTERS) return;
    const clientMessageId = this.#client?.emit('send-message', { message });
    if (clientMessageId === undefined) return;
    this.#shown.addOwn({
      clientMessageId,
      userId: person.userId,
      displayName: person.name,
      text: message,
    });
    this.draft = '';
    this.isEmojiOpen = false;
    this.isFollowing = true;
    this.#repaint();
  };

  async #loadHistory(client: ChatClient): Promise<void> {
    const page = await this.#try(() =>
      this.api?.call<{ messages: ChatEvent[]; newestChangeId?: string | null }>(
        `/${this.streamId}/messages?limit=${HISTORY_MESSAGES}`,
      ),
    );
    if (page === undefined || client !== this.#client) return;
    this.#shown.addHistory(page.messages);
    if (page.newestChangeId) client.hasSeen(page.newestChangeId);
    this.#repaint();
  }

  async #loadHeld(): Promise<void> {
    if (this.api === undefined || this.streamId === '') return;
    const page = await this.#try(() =>
      this.api?.call<{ messages: ChatEvent[] }>(`/${this.streamId}/held-messages`),
    );
    if (page !== undefined) this.held = page.messages;
  }

  async #decide(entry: ChatEvent, decision: 'approve' | 'deny'): Promise<void> {
    const id = String(entry['id']);
    const done = await this.#try(async () => {
      await this.api?.call(`/${this.streamId}/held-messages/${id}`, {
        method: 'POST',
        body: { decision },
      });
      return true;
    });
    if (done) this.held = this.held.filter((other) => other['id'] !== id);
  }

  async #remove(message: ShownMessage): Promise<void> {
    this.menuOf = undefined;
    await this.#try(() =>
      this.api?.call(`/${this.streamId}/messages/${message.id ?? ''}`, { method: 'DELETE' }),
    );
  }

  async #sanction(message: ShownMessage, durationSeconds?: number): Promise<void> {
    this.menuOf = undefined;
    await this.#try(() =>
      this.api?.call(
        `/channel/bans/${encodeURIComponent(message.userId)}?channel=${encodeURIComponent(this.channelId)}`,
        { method: 'PUT', body: durationSeconds === undefined ? {} : { durationSeconds } },
      ),
    );
  }

  async #report(message: ShownMessage, reason: string): Promise<void> {
    this.menuOf = undefined;
    const done = await this.#try(() =>
      this.api?.call(`/${this.streamId}/messages/${message.id ?? ''}/reports`, {
        method: 'POST',
        body: { reason },
      }),
    );
    if (done !== undefined) this.note = text('reported');
  }

  async #try<T>(action: () => Promise<T> | undefined): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.note = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }
}

async function takeTicket(api: ApiClient, streamId: string): Promise<ChatTicket> {
  try {
    const answer = await api.call<ChatTicket & { viewerToken?: string | null }>(
      `/${streamId}/chat-ticket`,
      { method: 'POST', body: { viewerToken: localStorage.getItem(VIEWER_KEY) } },
    );
    // Opens nothing: it only lets somebody who is not signed in be counted once, tabs and all.
    if (answer.viewerToken) localStorage.setItem(VIEWER_KEY, answer.viewerToken);
    return answer;
  } catch (error) {
    if (error instanceof ProblemError && REFUSED.has(error.problem.status)) {
      throw new ChatRefusedError(error.message);
    }
    throw error;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'live-chat': LiveChat;
  }
}
