/** `<studio-health>`: how the encoder does, from `stream-health` frames and, for details, the API. */

import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import type { Health, Ingest } from '../api/types.js';
import type { ChatEvent } from '../chat/chat-client.js';
import { locale, text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';

const REFRESH_MILLISECONDS = 10_000;
const EVENTS_SHOWN = 8;
const STATES = {
  healthy: 'healthHealthy',
  starving: 'healthStarving',
  unknown: 'healthUnknown',
} as const;

@customElement('studio-health')
export class StudioHealth extends ApiElement {
  @property({ attribute: 'stream-id' }) streamId = '';
  /** The newest `stream-health` frame; it brings what changed at once. */
  @property({ attribute: false }) frame: ChatEvent | undefined;

  @state() private health: Health | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override readonly styles = [controlStyles, panelStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      if (!document.hidden) void this.#load();
    }, REFRESH_MILLISECONDS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('streamId') || changed.has('frame')) void this.#load();
  }

  override render() {
    const { health } = this;
    const state = health?.state ?? 'unknown';
    return html`<section class="panel" aria-labelledby="heading" data-health=${state}>
      <h2 id="heading">${text('health')}</h2>
      <p role="status" class=${state === 'healthy' ? 'good' : state === 'starving' ? 'error' : 'muted'}>
        ${text(STATES[state])}
      </p>
      ${this.faultLine()} ${health === undefined ? nothing : this.#figures(health)}
    </section>`;
  }

  #figures(health: Health) {
    const ingest: Partial<Ingest> = health.ingest ?? {};
    const number = new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 });
    const fact = (label: string, value: string | undefined) =>
      value === undefined
        ? nothing
        : html`<div>
            <dt>${label}</dt>
            <dd>${value}</dd>
          </div>`;
    const bitrate = ingest.videoBitrateBps ?? this.frame?.['bitrateBps'];
    const rate = ingest.framesPerSecond ?? this.frame?.['framesPerSecond'];
    return html`<dl>
        ${fact(
          text('bitrate'),
          bitrate ? text('bitrateValue', { value: number.format(Number(bitrate) / 1e6) }) : undefined,
        )}
        ${fact(
          text('frameRate'),
          rate ? text('frameRateValue', { value: number.format(Number(rate)) }) : undefined,
        )}
        ${fact(text('resolution'), ingest.width ? `${ingest.width} × ${ingest.height ?? '?'}` : undefined)}
        ${fact(text('codec'), ingest.videoCodec ?? undefined)}
        ${fact(text('audio'), ingest.audioCodec ?? undefined)}
        ${fact(text('encoder'), ingest.encoder ?? undefined)}
      </dl>
      <details>
        <summary>${text('recentEvents')}</summary>
        ${health.events.length === 0
          ? html`<p class="muted">${text('noEvents')}</p>`
          : html`<ul class="plain">
              ${health.events
                .slice(-EVENTS_SHOWN)
                .reverse()
                .map(
                  (event) =>
                    html`<li>
                      <time datetime=${event.at}
                        >${new Date(event.at).toLocaleTimeString(locale())}</time
                      >
                      ${event.kind} <span class="muted">${event.reason ?? ''}</span>
                    </li>`,
                )}
            </ul>`}
      </details>`;
  }

  async #load(): Promise<void> {
    if (this.streamId === '') return;
    const health = await this.attempt((api) => api.call<Health>(`/${this.streamId}/health`));
    if (health !== undefined) this.health = health;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-health': StudioHealth;
  }
}
