/**
 * `<live-chat stream-id="…">`: history, live messages, the composer and, for moderators, a menu on
 * each message. The page hands in `api` and the session's person; nothing here knows tokens.
 */

import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { guard } from 'lit/directives/guard.js';

import type { ApiClient } from '../api/http.js';
import { ChatRoom } from '../chat/chat-room.js';
import { chatStyles } from '../chat/chat-styles.js';
import { composer, excessOf, type ComposerActions } from '../chat/composer.js';
import { keyed } from '../chat/keyed.js';
import type { ShownMessage } from '../chat/message-list.js';
import { messageView, type MessageActions, type MessageMenu } from '../chat/message-view.js';
import type { Person } from '../session/session.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

/** Within this of the end, the list follows new messages. */
const FOLLOW_PIXELS = 48;

@customElement('live-chat')
export class LiveChat extends LitElement implements MessageActions, ComposerActions {
  @property({ attribute: 'stream-id' }) streamId = '';
  @property({ attribute: false }) api: ApiClient | undefined;
  /** Who is signed in; undefined reads along. */
  @property({ attribute: false }) person: Person | undefined;
  /** Whose channel it is; a moderator's sanctions need it. */
  @property({ attribute: 'channel-id' }) channelId = '';

  @state() private isFollowing = true;
  @state() private hasUnseen = false;
  @state() private draft = '';
  @state() private isEmojiOpen = false;
  @state() private menuOf: string | undefined;
  @state() private moderating: typeof import('../chat/moderating.js') | undefined;

  @query('.list') private list!: HTMLElement;
  @query('textarea') private textarea: HTMLTextAreaElement | undefined;

  readonly #room = new ChatRoom(
    this,
    (detail) =>
      this.dispatchEvent(new CustomEvent('live-event', { detail, bubbles: true, composed: true })),
    () => this.#onPaint(),
  );

  static override readonly styles = [controlStyles, chatStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#room.open(this.api, this.streamId);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('streamId') || changed.has('api') || changed.has('person')) {
      if (this.isConnected) this.#room.open(this.api, this.streamId);
    }
    // Also where nothing new came: what stands below the list may have grown.
    if (this.isFollowing) this.#toEnd();
  }

  override render() {
    const { messages, isModerator } = this.#room;
    return html`
      <h2>${text('chat')}</h2>
      ${this.#connectionBar()} ${isModerator ? this.#heldQueue() : nothing}
      <div
        class="list ${this.isFollowing ? '' : 'paused'}"
        role="log"
        aria-live="polite"
        aria-relevant="additions"
        aria-label=${text('chatMessages')}
        tabindex="0"
        @scroll=${this.#onScroll}
      >
        ${messages.length === 0 ? html`<div class="muted">${text('noMessages')}</div>` : nothing}
        ${keyed(messages, (message) =>
          // A message that did not change costs nothing, however many are shown.
          guard([message, this.menuOf === message.key && this.moderating, isModerator, this.person], () =>
            messageView(message, this.#menuFor(message), this.#menuItems(message), this),
          ),
        )}
      </div>
      ${this.#foot()}
    `;
  }

  #connectionBar() {
    const { refusal, connection } = this.#room;
    if (refusal !== '') return html`<div class="bar error" role="alert">${refusal}</div>`;
    if (connection === 'open') return nothing;
    const key = connection === 'waiting' ? 'chatReconnecting' : 'chatConnecting';
    return html`<div class="bar muted" role="status" data-connection=${connection}>
      ${text(connection === 'closed' ? 'chatClosed' : key)}
    </div>`;
  }

  #menuFor(message: ShownMessage): MessageMenu {
    const isOwn = message.userId === this.#room.viewerId;
    if (this.#room.isModerator) return isOwn ? 'moderate-own' : 'moderate';
    return this.person === undefined || isOwn ? 'none' : 'report';
  }

  #menuItems(message: ShownMessage) {
    if (this.menuOf !== message.key) return undefined;
    return this.moderating?.menuItems(message, this.#menuFor(message), this);
  }

  #heldQueue() {
    const { held } = this.#room;
    if (held.length === 0) return nothing;
    void this.#needModerating();
    return this.moderating?.heldQueue(held, (entry, decision) =>
      void this.#room.decide(entry, decision),
    );
  }

  async #needModerating(): Promise<void> {
    this.moderating ??= await import('../chat/moderating.js');
  }

  #foot() {
    const { note, waitSeconds, isSlowMode } = this.#room;
    const above = html`${this.hasUnseen
        ? html`<button type="button" class="new primary" @click=${this.#follow}>
            ${text('newMessages')}
          </button>`
        : nothing}
      <div class="bar muted" role="status" ?hidden=${note === ''}>${note}</div>`;
    if (this.person === undefined) {
      return html`<div class="foot">
        ${above}<slot name="sign-in"><span class="muted">${text('signInToChat')}</span></slot>
      </div>`;
    }
    const { draft, isEmojiOpen } = this;
    return html`<form class="foot" @submit=${this.submit}>
      ${above}${composer({ draft, isEmojiOpen, waitSeconds, isSlowMode }, this)}
    </form>`;
  }

  #onPaint(): void {
    if (!this.isFollowing) this.hasUnseen = true;
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

  write(draft: string): void {
    this.draft = draft;
    this.#room.say('');
  }

  toggleEmoji(): void {
    this.isEmojiOpen = !this.isEmojiOpen;
  }

  insert(emoji: string): void {
    this.draft += emoji;
    this.textarea?.focus();
  }

  submit = (event: Event): void => {
    event.preventDefault();
    const message = this.draft.trim();
    const { person } = this;
    if (message === '' || person === undefined || excessOf(message) > 0) return;
    if (this.#room.waitSeconds > 0 || !this.#room.send(message, person)) return;
    this.draft = '';
    this.isEmojiOpen = false;
    this.isFollowing = true;
  };

  toggleMenu(message: ShownMessage): void {
    this.menuOf = this.menuOf === message.key ? undefined : message.key;
    void this.#needModerating();
  }

  sendAgain(message: ShownMessage): void {
    this.#room.sendAgain(message);
  }

  takeDown(message: ShownMessage): void {
    this.menuOf = undefined;
    void this.#room.remove(message);
  }

  sanction(message: ShownMessage, seconds?: number): void {
    this.menuOf = undefined;
    void this.#room.sanction(message, this.channelId, seconds);
  }

  async report(message: ShownMessage, reason: string): Promise<void> {
    this.menuOf = undefined;
    if (await this.#room.report(message, reason)) this.#room.say(text('reported'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'live-chat': LiveChat;
  }
}
