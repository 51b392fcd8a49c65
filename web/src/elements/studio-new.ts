/** `<studio-new>`: makes a stream; tells `stream-started` with what the encoder needs. */

import { html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { ProblemError } from '../api/http.js';
import type { Capabilities, Started } from '../api/types.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';

const TITLE_CHARACTERS = 140;
const DESCRIPTION_CHARACTERS = 2000;
const BUSY_TRIES = 10;
const LABELS = {
  PUBLIC: 'visibilityPublic',
  UNLISTED: 'visibilityUnlisted',
  PRIVATE: 'visibilityPrivate',
} as const;

@customElement('studio-new')
export class StudioNew extends ApiElement {
  @property({ attribute: false }) capabilities: Capabilities | undefined;
  /** The same for every try of one form, so that a lost answer makes no second stream. */
  #idempotencyKey = crypto.randomUUID();

  static override readonly styles = [controlStyles, panelStyles];

  override render() {
    const capabilities = this.capabilities;
    if (capabilities === undefined) return nothing;
    return html`<form class="panel" aria-labelledby="heading" @submit=${this.#submit}>
      <h2 id="heading">${text('newStream')}</h2>
      <label
        >${text('title')}
        <input name="title" required maxlength=${TITLE_CHARACTERS} autocomplete="off" dir="auto" />
      </label>
      <label
        >${text('description')}
        <textarea name="description" rows="3" maxlength=${DESCRIPTION_CHARACTERS} dir="auto"></textarea>
      </label>
      <div class="row">
        <label class="grow"
          >${text('visibility')}
          <select name="visibility">
            ${capabilities.visibilities.map(
              (visibility) => html`<option value=${visibility}>${text(LABELS[visibility])}</option>`,
            )}
          </select>
        </label>
        <label
          >${text('quality')}
          <select name="quality">
            ${capabilities.qualities.map(
              (quality) => html`<option value=${quality}>${quality}</option>`,
            )}
          </select>
        </label>
      </div>
      ${this.faultLine()}
      <div class="row">
        <button class="primary" ?disabled=${this.isBusy}>
          ${text(this.isBusy ? 'creating' : 'startStream')}
        </button>
      </div>
    </form>`;
  }

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.target as HTMLFormElement));
    const started = await this.attempt(async (api) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await api.call<Started>('/start', {
            method: 'POST',
            body,
            headers: { 'idempotency-key': this.#idempotencyKey },
          });
        } catch (error) {
          const wait = error instanceof ProblemError ? error.problem.retryAfterSeconds : undefined;
          // The last broadcast winds down, or the video service asks for patience.
          if (wait === undefined || attempt === BUSY_TRIES) throw error;
          await new Promise((resolve) => setTimeout(resolve, Math.max(1, wait) * 1000));
        }
      }
    });
    if (started === undefined) return;
    this.#idempotencyKey = crypto.randomUUID();
    this.dispatchEvent(new CustomEvent('stream-started', { detail: started }));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-new': StudioNew;
  }
}
