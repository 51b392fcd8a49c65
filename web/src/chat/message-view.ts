/** One message as it is drawn, with its menu. */

import { html, nothing, type TemplateResult } from 'lit';

import { text } from '../strings/strings.js';
import type { ShownMessage } from './message-list.js';
import { piecesOf, plain } from './rich-text.js';

const HUES = 360;

/** What somebody may do with a message: nothing, report it, or moderate it. */
export type MessageMenu = 'none' | 'report' | 'moderate' | 'moderate-own';

export interface MessageActions {
  toggleMenu(message: ShownMessage): void;
  sendAgain(message: ShownMessage): void;
  takeDown(message: ShownMessage): void;
  sanction(message: ShownMessage, seconds?: number): void;
  report(message: ShownMessage, reason: string): void;
}

/**
 * @param menuItems What the message's menu offers, where it is open.
 */
export function messageView(
  message: ShownMessage,
  menu: MessageMenu,
  menuItems: TemplateResult | undefined,
  actions: MessageActions,
) {
  const isPending = message.state !== 'shown' && message.state !== 'removed';
  return html`<div
    class="message ${isPending ? 'pending' : ''}"
    data-id=${message.id ?? nothing}
    data-state=${message.state}
  >
    ${role(message.role)}
    <span class="name" style="--hue: ${hueOf(message.userId)}"
      ><bdi>${plain(message.displayName)}</bdi></span
    >
    ${message.state === 'removed'
      ? html`<em class="muted">${text('messageRemoved')}</em>`
      : html`<bdi class="text">${words(message.text)}</bdi>`}
    ${isPending ? verdict(message, actions) : nothing}
    ${menu === 'none' || message.id === undefined || message.state !== 'shown'
      ? nothing
      : menuOf(message, menuItems, actions)}
  </div>`;
}

/** Somebody's colour, the same wherever they write. */
function hueOf(userId: string): number {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % HUES;
  return hash;
}

function role(name: string) {
  if (name === 'owner') return html`<span class="role">${text('roleOwner')}</span>`;
  return name === 'moderator' ? html`<span class="role">${text('roleModerator')}</span>` : nothing;
}

function words(message: string) {
  return piecesOf(message).map((piece) =>
    piece.url === undefined
      ? piece.text
      : html`<a href=${piece.url} target="_blank" rel="noopener noreferrer nofollow ugc"
          >${piece.text}</a
        >`,
  );
}

function verdict(message: ShownMessage, actions: MessageActions) {
  const verdicts = {
    sending: text('messageSending'),
    checking: text('messageChecking'),
    held: text('messageHeld'),
    rejected: text('messageRejected', { reason: message.reason ?? '' }),
    unanswered: text('messageUnanswered'),
    shown: '',
    removed: '',
  };
  const isFault = message.state === 'rejected' || message.state === 'unanswered';
  return html`<span class="state ${isFault ? 'error' : 'muted'}">${verdicts[message.state]}</span>
    ${message.state === 'unanswered'
      ? html`<button @click=${() => actions.sendAgain(message)}>${text('retry')}</button>`
      : nothing}`;
}

function menuOf(
  message: ShownMessage,
  items: TemplateResult | undefined,
  actions: MessageActions,
) {
  return html`<button
      class="menu-button"
      aria-expanded=${items !== undefined}
      aria-label=${text('messageMenu', { name: plain(message.displayName) })}
      @click=${() => actions.toggleMenu(message)}
    >
      ⋯
    </button>
    ${items === undefined ? nothing : html`<div class="menu">${items}</div>`}`;
}
