/** `<live-studio>`: what a creator needs: a new stream or the open one, settings, past streams. */

import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import type { Capabilities, Started, StreamBody, StreamDetails, StreamList } from '../api/types.js';
import type { Person } from '../session/session.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './studio-new.js';
import './studio-past.js';
import './studio-people.js';
import './studio-settings.js';
import './studio-stream.js';

/** Events come through the chat; this only catches what a lost connection missed. */
const REFRESH_MILLISECONDS = 15_000;
const STREAMS_SHOWN = 20;

@customElement('live-studio')
export class LiveStudio extends ApiElement {
  @property({ attribute: false }) person: Person | undefined;

  @property({ attribute: 'ivs-player-url' }) ivsPlayerUrl = '';

  @state() private capabilities: Capabilities | undefined;
  @state() private streams: readonly StreamBody[] | undefined;
  @state() private current: StreamDetails | undefined;
  @state() private key: { readonly streamId: string; readonly value: string } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override readonly styles = [
    controlStyles,
    panelStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
      .columns {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
        gap: 1rem;
        align-items: start;
      }
      .stack {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
    `,
  ];

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
    if (changed.has('api') || changed.has('person')) void this.#load();
  }

  override render() {
    const { person } = this;
    if (person === undefined) return nothing;
    const past = this.streams?.filter((stream) => stream.streamId !== this.current?.streamId);
    return html`${this.faultLine()}
      ${this.streams === undefined
        ? html`<p class="muted" role="status">${text('loading')}</p>`
        : this.current === undefined
          ? html`<studio-new
              .api=${this.api}
              .capabilities=${this.capabilities}
              @stream-started=${this.#onStarted}
            ></studio-new>`
          : html`<studio-stream
              .api=${this.api}
              .person=${person}
              .stream=${this.current}
              ivs-player-url=${this.ivsPlayerUrl}
              .streamKey=${this.key?.streamId === this.current.streamId
                ? this.key.value
                : undefined}
              @changed=${() => void this.#load()}
            ></studio-stream>`}
      <studio-past
        .api=${this.api}
        .streams=${past ?? []}
        @changed=${() => void this.#load()}
      ></studio-past>
      <div class="columns">
        <studio-settings .api=${this.api}></studio-settings>
        <div class="stack">
          <studio-people kind="moderators" .api=${this.api}></studio-people>
          <studio-people kind="bans" .api=${this.api}></studio-people>
          <section class="panel">
            <p class="muted">${text('yourUserId')}</p>
            <code data-user-id>${person.userId}</code>
          </section>
        </div>
      </div>`;
  }

  async #load(): Promise<void> {
    if (this.person === undefined) return;
    await this.attempt(async (api) => {
      this.capabilities ??= await api.call<Capabilities>('/capabilities');
      const { streams } = await api.call<StreamList>(`/mine?limit=${STREAMS_SHOWN}`);
      const open = streams.find((stream) => stream.state === 'OFFLINE' || stream.state === 'LIVE');
      const details =
        open === undefined ? undefined : await api.call<StreamDetails>(`/${open.streamId}`);
      // A private playlist's token changes with each answer; the preview keeps what it plays.
      const keeps = details?.status === 'live' && this.current?.status === 'live';
      const playbackUrl = keeps ? this.current?.playbackUrl : details?.playbackUrl;
      this.current = details && { ...details, playbackUrl: playbackUrl ?? details.playbackUrl };
      this.streams = streams;
    });
  }

  #onStarted = ({ detail }: CustomEvent<Started>): void => {
    this.key = { streamId: detail.streamId, value: detail.streamKey };
    void this.#load();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'live-studio': LiveStudio;
  }
}
