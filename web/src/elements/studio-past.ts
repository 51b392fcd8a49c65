/** `<studio-past>`: past streams with their recordings and figures. */

import { html, nothing } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';

import type { StreamBody } from '../api/types.js';
import { plain } from '../chat/rich-text.js';
import { count, duration, locale, text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './live-confirm.js';
import type { LiveConfirm } from './live-confirm.js';

@customElement('studio-past')
export class StudioPast extends ApiElement {
  @property({ attribute: false }) streams: readonly StreamBody[] = [];
  @query('live-confirm') private confirmation!: LiveConfirm;

  static override readonly styles = [controlStyles, panelStyles];

  override render() {
    return html`<section class="panel" aria-labelledby="heading">
      <h2 id="heading">${text('pastStreams')}</h2>
      ${this.faultLine()}
      ${this.streams.length === 0
        ? html`<p class="muted">${text('noPastStreams')}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="heading">
            <table>
              <thead>
                <tr>
                  <th scope="col">${text('title')}</th>
                  <th scope="col">${text('started')}</th>
                  <th scope="col" class="number">${text('length')}</th>
                  <th scope="col" class="number">${text('totalViews')}</th>
                  <th scope="col">${text('recordingOf')}</th>
                  <td></td>
                </tr>
              </thead>
              <tbody>
                ${this.streams.map((stream) => this.#row(stream))}
              </tbody>
            </table>
          </div>`}
      <live-confirm></live-confirm>
    </section>`;
  }

  #row(stream: StreamBody) {
    const page = `/watch?stream=${stream.streamId}`;
    const title = plain(stream.title);
    return html`<tr data-stream=${stream.streamId}>
      <th scope="row"><bdi>${title}</bdi></th>
      <td>${stream.startTime ? new Date(stream.startTime).toLocaleString(locale()) : '–'}</td>
      <td class="number">${duration(stream.duration)}</td>
      <td class="number">${count(stream.totalViews)}</td>
      <td>
        ${stream.recordingState === 'ready'
          ? html`<a href=${page}>${text('watchRecording')}</a>`
          : text(stream.recordingState === 'recording' ? 'recordingPending' : 'noRecording')}
      </td>
      <td>
        <div class="row">
        ${stream.startTime
          ? html`<a href="/dashboard?stream=${stream.streamId}">${text('figures')}</a>`
          : nothing}
        <button class="danger" @click=${() => void this.#delete(stream)}>
          ${text('deleteStream')}<span class="visually-hidden">: ${title}</span>
        </button>
        </div>
      </td>
    </tr>`;
  }

  async #delete(stream: StreamBody): Promise<void> {
    if (!(await this.confirmation.ask(text('deleteStreamSure'), text('deleteStream')))) return;
    const done = await this.attempt(async (api) => {
      await api.call(`/${stream.streamId}`, { method: 'DELETE' });
      return true;
    });
    if (done !== undefined) this.dispatchEvent(new Event('changed'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-past': StudioPast;
  }
}
