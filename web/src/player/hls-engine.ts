/** hls.js light: the largest part of the player, a chunk of its own. */

import Hls, { type ErrorData, type Level } from 'hls.js/light';

import { startNative } from './native-engine.js';
import type { PlaybackEngine, PlaybackOptions } from './playback.js';
import { signer } from './signer.js';

/** Tries before a recording's fault is shown as final; a broadcast may come back at any time. */
const TRIES = 6;
const FIRST_DELAY_MILLISECONDS = 1000;
const LONGEST_DELAY_MILLISECONDS = 15_000;
const FORBIDDEN = 403;
/** A broadcast that ended while its stream is live: how often its playlist is asked for again. */
const RETURN_MILLISECONDS = 2000;

/**
 * Play a playlist in a video element.
 *
 * `Hls.isSupported()` is asked before the browser's own HLS: Chromium answers "maybe" to the native
 * type without being able to play it.
 */
export function startHls(
  video: HTMLVideoElement,
  url: string,
  options: PlaybackOptions,
): PlaybackEngine {
  if (!Hls.isSupported()) return startNative(video, url, options);
  return new HlsEngine(video, url, options);
}

class HlsEngine implements PlaybackEngine {
  readonly #hls: Hls;
  #faults = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private url: string,
    private readonly options: PlaybackOptions,
  ) {
    this.#hls = new Hls({
      liveSyncDurationCount: 2,
      maxLiveSyncPlaybackRate: 1.05,
      backBufferLength: 30,
      // No more pixels than the player has: less to fetch and to decode on a phone.
      capLevelToPlayerSize: true,
      lowLatencyMode: true,
      xhrSetup: signer(url),
    });
    this.#hls.on(Hls.Events.MANIFEST_PARSED, (_, { levels }) => {
      options.onLevels(levels.map((level, index) => ({ index, label: labelOf(level) })));
    });
    this.#hls.on(Hls.Events.FRAG_BUFFERED, () => {
      this.#faults = 0;
      options.onFault('none');
    });
    this.#hls.on(Hls.Events.ERROR, (_, data) => this.#recover(data));
    video.addEventListener('ended', this.#onEnded);
    this.#hls.attachMedia(video);
    this.#hls.loadSource(url);
  }

  latencySeconds(): number {
    return Math.max(0, this.#hls.latency);
  }

  chooseLevel(index: number): void {
    this.#hls.currentLevel = index;
  }

  jumpToLive(): void {
    const edge = this.#hls.liveSyncPosition;
    if (edge !== null) this.video.currentTime = edge;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.video.removeEventListener('ended', this.#onEnded);
    this.#hls.destroy();
  }

  /** The playlist was closed: a new key or a broken encoder. The next broadcast has a new one. */
  #onEnded = (): void => {
    if (!this.options.live) return;
    this.options.onFault('reconnecting');
    this.#reloadLater(RETURN_MILLISECONDS, false);
  };

  #recover(data: ErrorData): void {
    if (!data.fatal) return;
    this.#faults += 1;
    const isFinal = this.#faults > TRIES;
    if (isFinal && (!this.options.live || data.type === Hls.ErrorTypes.MEDIA_ERROR)) {
      this.options.onFault('failed');
      this.#hls.stopLoad();
      return;
    }
    this.options.onFault('reconnecting');
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR) {
      this.#hls.recoverMediaError();
      return;
    }
    const delay = FIRST_DELAY_MILLISECONDS * 2 ** (this.#faults - 1);
    const longest = this.options.live ? RETURN_MILLISECONDS * 2 : LONGEST_DELAY_MILLISECONDS;
    this.#reloadLater(Math.min(delay, longest), data.response?.code === FORBIDDEN);
  }

  #reloadLater(milliseconds: number, isRefused: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload(isRefused), milliseconds);
  }

  async #reload(isRefused: boolean): Promise<void> {
    if (isRefused && this.options.renewUrl !== undefined) {
      this.url = await this.options.renewUrl().catch(() => this.url);
    }
    this.#hls.loadSource(this.url);
    this.#hls.startLoad();
    await this.video.play().catch(() => undefined);
  }
}

function labelOf(level: Level): string {
  const height = level.height > 0 ? `${level.height}p` : `${Math.round(level.bitrate / 1000)} kbit/s`;
  return level.frameRate > 31 ? `${height}${Math.round(level.frameRate)}` : height;
}
