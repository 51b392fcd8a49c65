/** Where somebody writes. */

import { html, nothing } from 'lit';

import { icon } from '../icons.js';
import { count, text } from '../strings/strings.js';

export const MESSAGE_CHARACTERS = 500;
const EMOJI = ['😀', '😂', '😍', '🔥', '👏', '🎉', '😮', '😢', '👍', '❤️', '🙏', '💯'];

export interface ComposerView {
  readonly draft: string;
  readonly isEmojiOpen: boolean;
  readonly waitSeconds: number;
  readonly isSlowMode: boolean;
}

export interface ComposerActions {
  write(draft: string): void;
  toggleEmoji(): void;
  insert(emoji: string): void;
  submit(event: Event): void;
}

/** How many characters a draft is too long. */
export function excessOf(draft: string): number {
  return Math.max(0, Array.from(draft.trim()).length - MESSAGE_CHARACTERS);
}

export function composer(view: ComposerView, actions: ComposerActions) {
  const excess = excessOf(view.draft);
  const isWaiting = view.waitSeconds > 0;
  return html`${view.isEmojiOpen
      ? html`<div class="emoji">
          ${EMOJI.map(
            (emoji) =>
              html`<button type="button" @click=${() => actions.insert(emoji)}>${emoji}</button>`,
          )}
        </div>`
      : nothing}
    <div class="row">
      <button
        type="button"
        class="icon"
        aria-label=${text('emoji')}
        aria-expanded=${view.isEmojiOpen}
        @click=${() => actions.toggleEmoji()}
      >
        ${icon('emoji')}
      </button>
      <textarea
        rows="1"
        dir="auto"
        aria-label=${text('writeMessage')}
        placeholder=${text('writeMessage')}
        .value=${view.draft}
        @input=${(event: Event) => actions.write((event.target as HTMLTextAreaElement).value)}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) actions.submit(event);
        }}
      ></textarea>
      <button class="primary" ?disabled=${isWaiting || excess > 0 || !view.draft.trim()}>
        ${text('send')}
      </button>
    </div>
    ${excess > 0
      ? html`<div class="error" role="alert">${text('messageTooLong', { count: count(excess) })}</div>`
      : nothing}
    ${isWaiting
      ? html`<div class="muted" data-wait>
          ${text(view.isSlowMode ? 'slowMode' : 'waitToSend', { seconds: view.waitSeconds })}
        </div>`
      : nothing}`;
}
