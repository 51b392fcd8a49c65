/**
 * `<live-player stream-url="…">`: plays HLS at the live edge with its own controls.
 *
 * The engine (hls.js light) is a chunk of its own and fetched when there is something to play.
 */

import { LitElement, css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { icon } from '../icons.js';
import type { PlaybackEngine, QualityLevel } from '../player/engine.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

const LATENCY_INTERVAL_MILLISECONDS = 1000;
/** Further behind than this, the way back to the live edge is offered. */
const BEHIND_SECONDS = 12;
const SEEK_SECONDS = 10;
const VOLUME_STEP = 0.1;

@customElement('live-player')
export class LivePlayer extends LitElement {
  /** The playlist; with its token where the stream is private. */
  @property({ attribute: 'stream-url' }) streamUrl = '';
  /** Whether this is a broadcast that runs now, not a recording. */
  @property({ type: Boolean }) live = false;
  @property() poster = '';
  @property({ attribute: 'captions-url' }) captionsUrl = '';
  /** Gives a playlist with a fresh token when the old one has ended. */
  @property({ attribute: false }) renewUrl: (() => Promise<string>) | undefined;

  @state() private playing = false;
  @state() private muted = true;
  @state() private volume = 1;
  @state() private levels: readonly QualityLevel[] = [];
  @state() private level = -1;
  @state() private behindSeconds = 0;
  @state() private fault: 'none' | 'reconnecting' | 'failed' = 'none';
  @state() private isFullscreen = false;
  @state() private hasCaptions = false;

  @query('video') private video!: HTMLVideoElement;
  #engine: PlaybackEngine | undefined;
  #latencyTimer: ReturnType<typeof setInterval> | undefined;
  #generation = 0;

  static override readonly styles = [
    controlStyles,
    css`
      :host {
        display: block;
        position: relative;
        aspect-ratio: 16 / 9;
        background: #000;
        border-radius: var(--live-radius, 0.5rem);
        overflow: hidden;
      }
      :host(:fullscreen) {
        border-radius: 0;
      }
      video {
        width: 100%;
        height: 100%;
        display: block;
      }
      .controls {
        position: absolute;
        inset: auto 0 0 0;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem;
        padding: 1.5rem 0.5rem 0.5rem;
        color: #fff;
        background: linear-gradient(transparent, rgb(0 0 0 / 80%));
      }
      .controls button,
      .controls select {
        color: #fff;
        background: transparent;
        border-color: transparent;
      }
      .controls button:hover {
        background: rgb(255 255 255 / 20%);
      }
      .controls select option {
        color: #000;
      }
      button:has(svg) {
        display: inline-grid;
        place-items: center;
        min-width: 2.25rem;
        padding: 0.25rem;
      }
      .controls :focus-visible {
        outline: 2px solid #fff;
      }
      .space {
        flex: 1;
      }
      .latency {
        font-variant-numeric: tabular-nums;
        font-size: 0.8125rem;
      }
      .badge {
        background: var(--live-badge, #c8102e);
        color: #fff;
        font-size: 0.75rem;
        font-weight: 700;
        padding: 0.1rem 0.4rem;
        border-radius: 0.25rem;
      }
      .overlay {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        color: #fff;
        background: rgb(0 0 0 / 55%);
        text-align: center;
        padding: 1rem;
      }
      .unmute {
        position: absolute;
        top: 0.75rem;
        left: 0.75rem;
        color: #fff;
        background: rgb(0 0 0 / 75%);
      }
      input[type='range'] {
        width: 5rem;
        accent-color: #fff;
      }
      @media (max-width: 30rem) {
        input[type='range'],
        .latency {
          display: none;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.addEventListener('keydown', this.#onKey);
    document.addEventListener('fullscreenchange', this.#onFullscreen);
    if (this.hasUpdated && this.streamUrl !== '') void this.#load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.removeEventListener('keydown', this.#onKey);
    document.removeEventListener('fullscreenchange', this.#onFullscreen);
    this.#unload();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('streamUrl')) void this.#load();
  }

  override render() {
    return html`
      <video
        playsinline
        tabindex="0"
        aria-label=${text('player')}
        poster=${this.poster || nothing}
        .muted=${this.muted}
        @play=${() => (this.playing = true)}
        @pause=${() => (this.playing = false)}
        @volumechange=${this.#onVolume}
        @click=${this.#toggle}
        crossorigin="anonymous"
      >
        ${this.captionsUrl
          ? html`<track kind="captions" src=${this.captionsUrl} default />`
          : nothing}
      </video>
      ${this.fault === 'failed'
        ? html`<div class="overlay" role="alert">
            <div>
              <p>${text('videoFailed')}</p>
              <button @click=${() => void this.#load()}>${text('retry')}</button>
            </div>
          </div>`
        : nothing}
      ${this.fault === 'reconnecting'
        ? html`<div class="overlay" role="status">${text(this.live ? 'videoWaiting' : 'videoReconnecting')}</div>`
        : nothing}
      ${this.muted && this.playing
        ? html`<button class="unmute" @click=${this.#toggleMute}>${text('tapToUnmute')}</button>`
        : nothing}
      ${this.#controls()}
    `;
  }

  #controls() {
    return html`<div class="controls">
      <button @click=${this.#toggle} aria-label=${text(this.playing ? 'pause' : 'play')}>
        ${icon(this.playing ? 'pause' : 'play')}
      </button>
      <button @click=${this.#toggleMute} aria-label=${text(this.muted ? 'unmute' : 'mute')}>
        ${icon(this.muted ? 'silent' : 'sound')}
      </button>
      <input
        type="range"
        min="0"
        max="1"
        step="0.05"
        aria-label=${text('volume')}
        .value=${String(this.muted ? 0 : this.volume)}
        @input=${this.#setVolume}
      />
      ${this.live ? html`<span class="badge">${text('statusLive')}</span>` : nothing}
      ${this.live && this.playing
        ? html`<span class="latency" data-latency=${this.behindSeconds.toFixed(1)}
            >${text('behindLive', { seconds: this.behindSeconds.toFixed(1) })}</span
          >`
        : nothing}
      ${this.live && this.behindSeconds > BEHIND_SECONDS
        ? html`<button @click=${this.#jumpToLive}>${text('goLive')}</button>`
        : nothing}
      <span class="space"></span>
      ${this.hasCaptions
        ? html`<button @click=${this.#toggleCaptions} aria-label=${text('captions')}>CC</button>`
        : nothing}
      ${this.levels.length > 1
        ? html`<select aria-label=${text('quality')} @change=${this.#chooseLevel}>
            <option value="-1" ?selected=${this.level === -1}>${text('qualityAuto')}</option>
            ${this.levels.map(
              (level) =>
                html`<option value=${level.index} ?selected=${this.level === level.index}>
                  ${level.label}
                </option>`,
            )}
          </select>`
        : nothing}
      ${'pictureInPictureEnabled' in document && document.pictureInPictureEnabled
        ? html`<button @click=${this.#togglePicture} aria-label=${text('pictureInPicture')}>
            ${icon('picture')}
          </button>`
        : nothing}
      <button
        @click=${this.#toggleFullscreen}
        aria-label=${text(this.isFullscreen ? 'exitFullscreen' : 'fullscreen')}
      >
        ${icon('fullscreen')}
      </button>
    </div>`;
  }

  async #load(): Promise<void> {
    const generation = ++this.#generation;
    this.#unload();
    this.fault = 'none';
    if (this.streamUrl === '') return;
    // The engine is the page's largest part: what can be seen and pressed is drawn before it comes.
    await new Promise((resolve) => setTimeout(resolve));
    const { startPlayback } = await import('../player/engine.js');
    if (generation !== this.#generation || !this.isConnected) return;
    this.#engine = startPlayback(this.video, this.streamUrl, {
      live: this.live,
      renewUrl: this.renewUrl,
      onLevels: (levels) => (this.levels = levels),
      onFault: (fault) => (this.fault = fault),
    });
    this.hasCaptions = this.captionsUrl !== '';
    this.#latencyTimer = setInterval(() => {
      this.behindSeconds = this.#engine?.latencySeconds() ?? 0;
      this.hasCaptions = this.video.textTracks.length > 0;
    }, LATENCY_INTERVAL_MILLISECONDS);
    await this.#play();
  }

  /** Browsers start nothing with sound that nobody asked for: try with, then go on muted. */
  async #play(): Promise<void> {
    this.muted = true;
    this.video.muted = true;
    await this.video.play().catch(() => undefined);
  }

  #unload(): void {
    clearInterval(this.#latencyTimer);
    this.#engine?.stop();
    this.#engine = undefined;
    this.levels = [];
    this.level = -1;
  }

  #toggle = (): void => {
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  };

  #toggleMute = (): void => {
    this.video.muted = !this.video.muted;
  };

  #onVolume = (): void => {
    this.muted = this.video.muted;
    this.volume = this.video.volume;
  };

  #setVolume = (event: Event): void => {
    this.#volumeTo(Number((event.target as HTMLInputElement).value));
  };

  #volumeTo(volume: number): void {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
  }

  #chooseLevel = (event: Event): void => {
    this.level = Number((event.target as HTMLSelectElement).value);
    this.#engine?.chooseLevel(this.level);
  };

  #jumpToLive = (): void => {
    this.#engine?.jumpToLive();
  };

  #toggleCaptions = (): void => {
    for (const track of Array.from(this.video.textTracks)) {
      track.mode = track.mode === 'showing' ? 'hidden' : 'showing';
    }
  };

  #togglePicture = async (): Promise<void> => {
    if (document.pictureInPictureElement === null) {
      await this.video.requestPictureInPicture().catch(() => undefined);
    } else {
      await document.exitPictureInPicture();
    }
  };

  #toggleFullscreen = async (): Promise<void> => {
    if (document.fullscreenElement === null) await this.requestFullscreen().catch(() => undefined);
    else await document.exitFullscreen();
  };

  #onFullscreen = (): void => {
    this.isFullscreen = document.fullscreenElement === this;
  };

  #onKey = (event: KeyboardEvent): void => {
    const target = event.composedPath()[0];
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ' && target instanceof HTMLButtonElement) return;
    const actions: Readonly<Record<string, () => void>> = {
      ' ': this.#toggle,
      k: this.#toggle,
      m: this.#toggleMute,
      f: () => void this.#toggleFullscreen(),
      l: this.#jumpToLive,
      c: this.#toggleCaptions,
      ArrowUp: () => this.#volumeTo(this.video.volume + VOLUME_STEP),
      ArrowDown: () => this.#volumeTo(this.video.volume - VOLUME_STEP),
      ArrowLeft: () => (this.video.currentTime -= SEEK_SECONDS),
      ArrowRight: () => (this.video.currentTime += SEEK_SECONDS),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'live-player': LivePlayer;
  }
}
