/**
 * `<live-player stream-url="…">`: plays HLS at the live edge, or a recording, with its own controls.
 *
 * The engines are chunks of their own and fetched when there is something to play.
 */

import { LitElement, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { controls, type ControlActions, type PlayerView } from '../player/controls.js';
import { onPlayerKey } from '../player/keys.js';
import {
  startPlayback,
  type PlaybackEngine,
  type PlaybackFault,
  type QualityLevel,
} from '../player/playback.js';
import { playerStyles } from '../player/player-styles.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

const LATENCY_INTERVAL_MILLISECONDS = 1000;

@customElement('live-player')
export class LivePlayer extends LitElement implements PlayerView, ControlActions {
  /** The playlist; with its token where the stream is private. */
  @property({ attribute: 'stream-url' }) streamUrl = '';
  /** Whether this is a broadcast that runs now, not a recording. */
  @property({ type: Boolean }) live = false;
  @property() poster = '';
  @property({ attribute: 'captions-url' }) captionsUrl = '';
  /** The script of the Amazon IVS player, where the operator gave it. */
  @property({ attribute: 'ivs-player-url' }) ivsPlayerUrl = '';
  /** Gives a playlist with a fresh token when the old one has ended. */
  @property({ attribute: false }) renewUrl: (() => Promise<string>) | undefined;

  @state() playing = false;
  @state() muted = true;
  @state() volume = 1;
  @state() levels: readonly QualityLevel[] = [];
  @state() level = -1;
  @state() behindSeconds = 0;
  @state() positionSeconds = 0;
  @state() durationSeconds = 0;
  @state() isFullscreen = false;
  @state() hasCaptions = false;
  @state() private fault: PlaybackFault = 'none';

  @query('video') private video!: HTMLVideoElement;
  #engine: PlaybackEngine | undefined;
  #latencyTimer: ReturnType<typeof setInterval> | undefined;
  #generation = 0;

  static override readonly styles = [controlStyles, playerStyles];

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
    this.toggleAttribute('playing', this.playing);
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
        @timeupdate=${this.#onTime}
        @click=${() => this.toggle()}
        crossorigin="anonymous"
      >
        ${this.captionsUrl
          ? html`<track kind="captions" label=${text('captions')} src=${this.captionsUrl} default />`
          : nothing}
      </video>
      ${this.#overlay()}
      ${this.muted && this.playing
        ? html`<button class="unmute" @click=${() => this.toggleMute()}>
            ${text('tapToUnmute')}
          </button>`
        : nothing}
      ${controls(this, this)}
    `;
  }

  #overlay() {
    if (this.fault === 'none') return nothing;
    if (this.fault === 'reconnecting') {
      return html`<div class="overlay" role="status">
        ${text(this.live ? 'videoWaiting' : 'videoReconnecting')}
      </div>`;
    }
    return html`<div class="overlay" role="alert">
      <div>
        <p>${text('videoFailed')}</p>
        <button @click=${() => void this.#load()}>${text('retry')}</button>
      </div>
    </div>`;
  }

  async #load(): Promise<void> {
    const generation = ++this.#generation;
    this.#unload();
    this.fault = 'none';
    if (this.streamUrl === '') return;
    // The engine is the page's largest part: what can be seen and pressed is drawn before it comes.
    await new Promise((resolve) => setTimeout(resolve));
    if (generation !== this.#generation || !this.isConnected) return;
    const engine = await startPlayback(this.video, this.streamUrl, {
      live: this.live,
      ivsPlayerUrl: this.ivsPlayerUrl,
      renewUrl: this.renewUrl,
      onLevels: (levels) => (this.levels = levels),
      onFault: (fault) => (this.fault = fault),
    });
    if (generation !== this.#generation || !this.isConnected) {
      engine.stop();
      return;
    }
    this.#engine = engine;
    this.hasCaptions = this.captionsUrl !== '';
    this.#latencyTimer = setInterval(() => {
      this.behindSeconds = engine.latencySeconds();
      this.hasCaptions = this.video.textTracks.length > 0;
    }, LATENCY_INTERVAL_MILLISECONDS);
    // Browsers start nothing with sound that nobody asked for.
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

  toggle(): void {
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  toggleMute(): void {
    this.video.muted = !this.video.muted;
  }

  setVolume(volume: number): void {
    this.video.volume = Math.min(1, Math.max(0, volume));
    this.video.muted = this.video.volume === 0;
  }

  turnUp(by: number): void {
    this.setVolume(this.video.volume + by);
  }

  seek(seconds: number): void {
    this.video.currentTime += seconds;
  }

  seekTo(seconds: number): void {
    this.video.currentTime = seconds;
    this.positionSeconds = seconds;
  }

  chooseLevel(index: number): void {
    this.level = index;
    this.#engine?.chooseLevel(index);
  }

  jumpToLive(): void {
    this.#engine?.jumpToLive();
  }

  toggleCaptions(): void {
    for (const track of Array.from(this.video.textTracks)) {
      track.mode = track.mode === 'showing' ? 'hidden' : 'showing';
    }
  }

  togglePicture(): void {
    const done =
      document.pictureInPictureElement === null
        ? this.video.requestPictureInPicture()
        : document.exitPictureInPicture();
    done.catch(() => undefined);
  }

  toggleFullscreen(): void {
    const isWanted = document.fullscreenElement === null;
    const done = isWanted ? this.requestFullscreen() : document.exitFullscreen();
    done.catch(() => undefined);
  }

  #onVolume = (): void => {
    this.muted = this.video.muted;
    this.volume = this.video.volume;
  };

  #onTime = (): void => {
    if (this.live) return;
    this.positionSeconds = this.video.currentTime;
    this.durationSeconds = Number.isFinite(this.video.duration) ? this.video.duration : 0;
  };

  #onFullscreen = (): void => {
    this.isFullscreen = document.fullscreenElement === this;
  };

  #onKey = (event: KeyboardEvent): void => onPlayerKey(event, this);
}

declare global {
  interface HTMLElementTagNameMap {
    'live-player': LivePlayer;
  }
}
