/** The bar of controls over the picture. */

import { html, nothing } from 'lit';

import { icon } from '../icons.js';
import { decimal, duration, text } from '../strings/strings.js';
import type { PlayerActions } from './keys.js';
import type { QualityLevel } from './playback.js';

/** Further behind than this, the way back to the live edge is offered. */
const BEHIND_SECONDS = 12;

/** What the controls show. */
export interface PlayerView {
  readonly live: boolean;
  readonly playing: boolean;
  readonly muted: boolean;
  readonly volume: number;
  readonly behindSeconds: number;
  readonly positionSeconds: number;
  readonly durationSeconds: number;
  readonly hasCaptions: boolean;
  readonly levels: readonly QualityLevel[];
  readonly level: number;
  readonly isFullscreen: boolean;
}

export interface ControlActions extends PlayerActions {
  setVolume(volume: number): void;
  seekTo(seconds: number): void;
  chooseLevel(index: number): void;
  togglePicture(): void;
}

const valueOf = (event: Event): number => Number((event.target as HTMLInputElement).value);

export function controls(view: PlayerView, actions: ControlActions) {
  return html`<div class="controls">
    ${view.live ? nothing : timeline(view, actions)}
    <button @click=${() => actions.toggle()} aria-label=${text(view.playing ? 'pause' : 'play')}>
      ${icon(view.playing ? 'pause' : 'play')}
    </button>
    <button @click=${() => actions.toggleMute()} aria-label=${text(view.muted ? 'unmute' : 'mute')}>
      ${icon(view.muted ? 'silent' : 'sound')}
    </button>
    <input
      class="volume"
      type="range"
      min="0"
      max="1"
      step="0.05"
      aria-label=${text('volume')}
      .value=${String(view.muted ? 0 : view.volume)}
      @input=${(event: Event) => actions.setVolume(valueOf(event))}
    />
    ${view.live ? liveEdge(view, actions) : nothing}
    <span class="space"></span>
    ${view.hasCaptions
      ? html`<button @click=${() => actions.toggleCaptions()} aria-label=${text('captions')}>
          CC
        </button>`
      : nothing}
    ${view.levels.length > 1 ? qualityMenu(view, actions) : nothing}
    ${'pictureInPictureEnabled' in document && document.pictureInPictureEnabled
      ? html`<button @click=${() => actions.togglePicture()} aria-label=${text('pictureInPicture')}>
          ${icon('picture')}
        </button>`
      : nothing}
    <button
      @click=${() => actions.toggleFullscreen()}
      aria-label=${text(view.isFullscreen ? 'exitFullscreen' : 'fullscreen')}
    >
      ${icon('fullscreen')}
    </button>
  </div>`;
}

function timeline(view: PlayerView, actions: ControlActions) {
  const written = `${duration(view.positionSeconds)} / ${duration(view.durationSeconds)}`;
  return html`<div class="row">
    <input
      class="timeline"
      type="range"
      min="0"
      max=${Math.max(1, Math.floor(view.durationSeconds))}
      step="1"
      aria-label=${text('position')}
      aria-valuetext=${written}
      .value=${String(Math.floor(view.positionSeconds))}
      @input=${(event: Event) => actions.seekTo(valueOf(event))}
    /><span class="latency" data-position=${Math.floor(view.positionSeconds)}>${written}</span>
  </div>`;
}

function liveEdge(view: PlayerView, actions: ControlActions) {
  const behind = decimal(view.behindSeconds);
  return html`<span class="badge">${text('statusLive')}</span>
    ${view.playing
      ? html`<span class="latency" data-latency=${view.behindSeconds.toFixed(1)}
          >${text('behindLive', { seconds: behind })}</span
        >`
      : nothing}
    ${view.behindSeconds > BEHIND_SECONDS
      ? html`<button @click=${() => actions.jumpToLive()}>${text('goLive')}</button>`
      : nothing}`;
}

function qualityMenu(view: PlayerView, actions: ControlActions) {
  return html`<select
    aria-label=${text('quality')}
    @change=${(event: Event) => actions.chooseLevel(valueOf(event))}
  >
    <option value="-1" ?selected=${view.level === -1}>${text('qualityAuto')}</option>
    ${view.levels.map(
      (level) =>
        html`<option value=${level.index} ?selected=${view.level === level.index}>
          ${level.label}
        </option>`,
    )}
  </select>`;
}
