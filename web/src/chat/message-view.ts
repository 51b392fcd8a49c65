/** One message as it is drawn, with its menu. */

import { html, nothing } from 'lit';

import { text } from '../strings/strings.js';
import type { ShownMessage } from './message-list.js';
import { piecesOf, plain } from './rich-text.js';

const TIME_OUT_SECONDS = 600;
const HUES = 360;
const REPORT_REASONS = [
  ['spam', 'reportSpam'],
  ['harassment', 'reportHarassment'],
  ['hate', 'reportHate'],
  ['other', 'reportOther'],
] as const;

/** What somebody may do with a message: nothing, report it, or moderate it. */
export type MessageMenu = 'none' | 'report' | 'moderate' | 'moderate-own';

export interface MessageActions {
  toggleMenu(message: ShownMessage): void;
  sendAgain(message: ShownMessage): void;
  takeDown(message: ShownMessage): void;
  sanction(message: ShownMessage, seconds?: number): void;
  report(message: ShownMessage, reason: string): void;
}

export function messageView(
  message: ShownMessage,
  menu: MessageMenu,
  isMenuOpen: boolean,
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
      : menuOf(message, menu, isMenuOpen, actions)}
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
  menu: MessageMenu,
  isOpen: boolean,
  actions: MessageActions,
) {
  return html`<button
      class="menu-button"
      aria-expanded=${isOpen}
      aria-label=${text('messageMenu', { name: plain(message.displayName) })}
      @click=${() => actions.toggleMenu(message)}
    >
      ⋯
    </button>
    ${isOpen
      ? html`<div class="menu">
          ${menu === 'report' ? reports(message, actions) : sanctions(message, menu, actions)}
        </div>`
      : nothing}`;
}

function reports(message: ShownMessage, actions: MessageActions) {
  return html`<span class="muted">${text('report')}:</span>
    ${REPORT_REASONS.map(
      ([reason, key]) =>
        html`<button @click=${() => actions.report(message, reason)}>${text(key)}</button>`,
    )}`;
}

function sanctions(message: ShownMessage, menu: MessageMenu, actions: MessageActions) {
  return html`<button @click=${() => actions.takeDown(message)}>${text('removeMessage')}</button>
    ${menu === 'moderate-own'
      ? nothing
      : html`<button @click=${() => actions.sanction(message, TIME_OUT_SECONDS)}>
            ${text('timeOut')}
          </button>
          <button class="danger" @click=${() => actions.sanction(message)}>${text('ban')}</button>`}`;
}
