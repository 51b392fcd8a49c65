/** `<studio-key>`: what goes into the encoder. The key is masked and lives in this element alone. */

import { html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import type { StreamKey } from '../api/types.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './live-confirm.js';
import type { LiveConfirm } from './live-confirm.js';

const MASK = '•'.repeat(24);

@customElement('studio-key')
export class StudioKey extends ApiElement {
  @property({ attribute: 'stream-id' }) streamId = '';
  @property({ attribute: false }) rtmpUrl = '';
  /** Known only right after the stream was made or its key rotated: nobody stores it. */
  @property({ attribute: false }) streamKey: string | undefined;

  @state() private isShown = false;
  @state() private copied: 'url' | 'key' | undefined;
  @query('live-confirm') private confirmation!: LiveConfirm;

  static override readonly styles = [controlStyles, panelStyles];

  override render() {
    return html`<section class="panel" aria-labelledby="heading">
      <h2 id="heading">${text('obsTitle')}</h2>
      <div class="row">
        <label class="grow"
          >${text('rtmpUrl')}<input readonly name="server" .value=${this.rtmpUrl} />
        </label>
        <button @click=${() => void this.#copy('url', this.rtmpUrl)}>
          ${text('copy')}<span class="visually-hidden">: ${text('rtmpUrl')}</span>
        </button>
      </div>
      ${this.streamKey === undefined
        ? html`<p class="muted">${text('keyNotShown')}</p>`
        : this.#key(this.streamKey)}
      <p class="muted">${text('streamKeyHint')}</p>
      ${this.faultLine()}
      <div class="row">
        <button data-rotate ?disabled=${this.isBusy} @click=${this.#rotate}>
          ${text('rotateKey')}
        </button>
        <span class="good" role="status">${this.copied === undefined ? '' : text('copied')}</span>
      </div>
      <ol>
        ${(['obsStep1', 'obsStep2', 'obsStep3', 'obsStep4'] as const).map(
          (step) => html`<li>${text(step)}</li>`,
        )}
      </ol>
      <live-confirm></live-confirm>
    </section>`;
  }

  #key(key: string) {
    return html`<div class="row">
      <label class="grow"
        >${text('streamKey')}
        <input
          readonly
          name="key"
          autocomplete="off"
          spellcheck="false"
          aria-label=${this.isShown ? nothing : text('keyMasked')}
          .value=${this.isShown ? key : MASK}
        />
      </label>
      <button aria-pressed=${this.isShown} @click=${() => (this.isShown = !this.isShown)}>
        ${text(this.isShown ? 'hide' : 'show')}
        <span class="visually-hidden">: ${text('streamKey')}</span>
      </button>
      <button data-copy-key @click=${() => void this.#copy('key', key)}>
        ${text('copy')}<span class="visually-hidden">: ${text('streamKey')}</span>
      </button>
    </div>`;
  }

  async #copy(what: 'url' | 'key', value: string): Promise<void> {
    await navigator.clipboard.writeText(value);
    this.copied = what;
    setTimeout(() => (this.copied = undefined), 3000);
  }

  #rotate = async (): Promise<void> => {
    if (!(await this.confirmation.ask(text('rotateKeySure'), text('rotateKey')))) return;
    const made = await this.attempt((api) =>
      api.call<StreamKey>(`/${this.streamId}/stream-key`, { method: 'POST' }),
    );
    if (made === undefined) return;
    this.rtmpUrl = made.rtmpUrl;
    this.streamKey = made.streamKey;
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-key': StudioKey;
  }
}
