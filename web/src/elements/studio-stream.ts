/** `<studio-stream>`: the open stream: encoder, preview, health, chat beside it, and its end. */

import { css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import type { StreamDetails } from '../api/types.js';
import type { ChatEvent } from '../chat/chat-client.js';
import { plain } from '../chat/rich-text.js';
import type { Person } from '../session/session.js';
import { count, duration, text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './live-chat.js';
import './live-confirm.js';
import type { LiveConfirm } from './live-confirm.js';
import './live-player.js';
import './studio-health.js';
import './studio-key.js';
import './studio-people.js';

@customElement('studio-stream')
export class StudioStream extends ApiElement {
  @property({ attribute: false }) person: Person | undefined;
  @property({ attribute: false }) stream: StreamDetails | undefined;
  @property({ attribute: false }) streamKey: string | undefined;

  @property({ attribute: 'ivs-player-url' }) ivsPlayerUrl = '';

  @state() private health: ChatEvent | undefined;
  @state() private viewerCount: number | undefined;
  @state() private isCopied = false;
  @query('live-confirm') private confirmation!: LiveConfirm;

  static override readonly styles = [
    controlStyles,
    panelStyles,
    css`
      .desk {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(18rem, 24rem);
        gap: 1rem;
        align-items: start;
      }
      .stack {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
      live-chat {
        height: min(44rem, 90dvh);
        position: sticky;
        inset-block-start: 1rem;
      }
      .screen {
        aspect-ratio: 16 / 9;
        display: grid;
        place-items: center;
        padding: 1rem;
        text-align: center;
        color: #fff;
        background: #17191f;
        border-radius: var(--live-radius, 0.5rem);
      }
      @media (max-width: 60rem) {
        .desk {
          grid-template-columns: minmax(0, 1fr);
        }
        live-chat {
          height: 32rem;
          position: static;
        }
      }
    `,
  ];

  override render() {
    const { stream } = this;
    if (stream === undefined) return nothing;
    const isLive = stream.status === 'live';
    return html`<div class="desk">
      <div class="stack">
        ${this.#head(stream, isLive)}
        <section class="panel" aria-labelledby="preview">
          <h2 id="preview">${text('preview')}</h2>
          ${isLive
            ? html`<live-player
                live
                stream-url=${stream.playbackUrl}
                ivs-player-url=${this.ivsPlayerUrl}
                .renewUrl=${this.#renew}
              ></live-player>`
            : html`<div class="screen">${text('notLiveYet')}</div>`}
        </section>
        <studio-health
          .api=${this.api}
          stream-id=${stream.streamId}
          .frame=${this.health}
        ></studio-health>
        <studio-key
          .api=${this.api}
          stream-id=${stream.streamId}
          .rtmpUrl=${stream.rtmpUrl ?? ''}
          .streamKey=${this.streamKey}
        ></studio-key>
        ${stream.visibility === 'PRIVATE'
          ? html`<studio-people
              kind="invitations"
              .api=${this.api}
              stream-id=${stream.streamId}
            ></studio-people>`
          : nothing}
        ${this.#edit(stream)}
      </div>
      <live-chat
        stream-id=${stream.streamId}
        channel-id=${stream.userId}
        .api=${this.api}
        .person=${this.person}
        @live-event=${this.#onEvent}
      ></live-chat>
      <live-confirm></live-confirm>
    </div>`;
  }

  #head(stream: StreamDetails, isLive: boolean) {
    const viewers = this.viewerCount ?? stream.viewerCount;
    const state = stream.interruptedAt ? 'stateInterrupted' : isLive ? 'stateLive' : 'stateOffline';
    return html`<section class="panel" aria-labelledby="title">
      <h2 id="title"><bdi>${plain(stream.title)}</bdi></h2>
      <div class="row">
        <span class="badge ${isLive ? 'live' : ''}" role="status" data-state=${stream.state}
          >${text(state)}</span
        >
        ${isLive
          ? html`<span data-viewer-count=${viewers}
                >${viewers === 1
                  ? text('oneWatching')
                  : text('watching', { count: count(viewers) })}</span
              >
              <span class="muted">${duration(stream.duration)}</span>`
          : nothing}
      </div>
      ${this.faultLine()}
      <div class="row">
        <a href="/watch?stream=${stream.streamId}">${text('watchPage')}</a>
        <button @click=${this.#copyLink}>${text('copyLink')}</button>
        <span class="good" role="status">${this.isCopied ? text('streamLinkCopied') : ''}</span>
        <button class="danger" data-end ?disabled=${this.isBusy} @click=${this.#end}>
          ${text('endStream')}
        </button>
      </div>
    </section>`;
  }

  #edit(stream: StreamDetails) {
    return html`<details class="panel">
      <summary>${text('editStream')}</summary>
      <form @submit=${this.#save}>
        <label
          >${text('title')}
          <input name="title" required maxlength="140" dir="auto" .value=${stream.title} />
        </label>
        <label
          >${text('description')}
          <textarea name="description" rows="3" dir="auto" .value=${stream.description}></textarea>
        </label>
        <div class="row"><button ?disabled=${this.isBusy}>${text('saveChanges')}</button></div>
      </form>
    </details>`;
  }

  #onEvent = ({ detail: event }: CustomEvent<ChatEvent>): void => {
    if (event.type === 'stream-health') this.health = event;
    if (event.type === 'viewer-count') this.viewerCount = Number(event['viewerCount']);
    if (event.type === 'stream-status') this.#tellChanged();
  };

  #renew = async (): Promise<string> => {
    const path = `/${this.stream?.streamId ?? ''}`;
    return (await this.api?.call<StreamDetails>(path))?.playbackUrl ?? '';
  };

  #copyLink = async (): Promise<void> => {
    const path = `/watch?stream=${this.stream?.streamId ?? ''}`;
    await navigator.clipboard.writeText(new URL(path, location.origin).href);
    this.isCopied = true;
  };

  #end = async (): Promise<void> => {
    if (!(await this.confirmation.ask(text('endStreamSure'), text('endStream')))) return;
    const done = await this.attempt((api) =>
      api.call(`/${this.stream?.streamId ?? ''}/stop`, { method: 'POST' }),
    );
    if (done !== undefined) this.#tellChanged();
  };

  #save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(event.target as HTMLFormElement));
    const saved = await this.attempt((api) =>
      api.call<StreamDetails>(`/${this.stream?.streamId ?? ''}`, { method: 'PATCH', body }),
    );
    if (saved !== undefined) this.#tellChanged();
  };

  #tellChanged(): void {
    this.dispatchEvent(new Event('changed'));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-stream': StudioStream;
  }
}
