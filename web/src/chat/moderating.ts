/** What few ever open: a message's menu and the held queue. Fetched when first wanted. */

import { html, nothing } from 'lit';

import { text } from '../strings/strings.js';
import type { ChatEvent } from './chat-client.js';
import type { ShownMessage } from './message-list.js';
import type { MessageActions, MessageMenu } from './message-view.js';
import { plain } from './rich-text.js';

const TIME_OUT_SECONDS = 600;
const REPORT_REASONS = [
  ['spam', 'reportSpam'],
  ['harassment', 'reportHarassment'],
  ['hate', 'reportHate'],
  ['other', 'reportOther'],
] as const;

/** What the menu of a message offers. */
export function menuItems(message: ShownMessage, menu: MessageMenu, actions: MessageActions) {
  return menu === 'report' ? reports(message, actions) : sanctions(message, menu, actions);
}

/** Messages that wait for a moderator, each with the two decisions. */
export function heldQueue(
  held: readonly ChatEvent[],
  decide: (entry: ChatEvent, decision: 'approve' | 'deny') => void,
) {
  return html`<section class="held" aria-label=${text('heldMessages')}>
    <h3>${text('heldMessages')}</h3>
    ${held.map(
      (entry) =>
        html`<div data-held=${String(entry['id'])}>
          <strong><bdi>${plain(String(entry['displayName'] ?? ''))}</bdi></strong>
          <bdi>${plain(String(entry['message'] ?? ''))}</bdi>
          <div class="menu">
            <button @click=${() => decide(entry, 'approve')}>${text('approve')}</button>
            <button @click=${() => decide(entry, 'deny')}>${text('deny')}</button>
          </div>
        </div>`,
    )}
  </section>`;
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
