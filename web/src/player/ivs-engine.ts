/**
 * The Amazon IVS player, loaded from where the operator says: it is proprietary, so none of it is
 * in the bundle, and only what is used of it is described here.
 *
 * https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/web-getting-started.html
 */

import type { PlaybackEngine, PlaybackOptions } from './playback.js';

interface IvsQuality {
  readonly name: string;
}

interface IvsError {
  readonly code?: number;
}

interface IvsPlayer {
  attachHTMLVideoElement(video: HTMLVideoElement): void;
  addEventListener(event: string, heard: (detail?: IvsError) => void): void;
  load(url: string): void;
  play(): void;
  delete(): void;
  getLiveLatency(): number;
  getQualities(): readonly IvsQuality[];
  setQuality(quality: IvsQuality): void;
  setAutoQualityMode(isAutomatic: boolean): void;
}

interface IvsLibrary {
  readonly isPlayerSupported: boolean;
  readonly create: () => IvsPlayer;
  readonly PlayerState: Readonly<Record<'READY' | 'PLAYING' | 'BUFFERING' | 'ENDED', string>>;
  readonly PlayerEventType: Readonly<Record<'ERROR', string>>;
}

declare global {
  interface Window {
    IVSPlayer?: IvsLibrary;
  }
}

const RETURN_MILLISECONDS = 2000;
const REFUSED = new Set([401, 403]);
let loading: Promise<IvsLibrary | undefined> | undefined;

/** Play with it; undefined where it cannot be had or does not run in this browser. */
export async function startIvs(
  video: HTMLVideoElement,
  url: string,
  options: PlaybackOptions,
): Promise<PlaybackEngine | undefined> {
  const library = await (loading ??= load(options.ivsPlayerUrl));
  if (library?.isPlayerSupported !== true) return undefined;
  return new IvsEngine(library, video, url, options);
}

function load(address: string): Promise<IvsLibrary | undefined> {
  const script = document.createElement('script');
  script.src = address;
  return new Promise((resolve) => {
    script.onload = () => resolve(window.IVSPlayer);
    script.onerror = () => {
      script.remove();
      loading = undefined;
      resolve(undefined);
    };
    document.head.append(script);
  });
}

class IvsEngine implements PlaybackEngine {
  readonly #player: IvsPlayer;
  #qualities: readonly IvsQuality[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    library: IvsLibrary,
    private readonly video: HTMLVideoElement,
    private url: string,
    private readonly options: PlaybackOptions,
  ) {
    const { PlayerState, PlayerEventType } = library;
    this.#player = library.create();
    this.#player.attachHTMLVideoElement(video);
    this.#player.addEventListener(PlayerState.READY, () => {
      this.#qualities = this.#player.getQualities();
      options.onLevels(this.#qualities.map(({ name }, index) => ({ index, label: name })));
    });
    this.#player.addEventListener(PlayerState.PLAYING, () => options.onFault('none'));
    // A new key or a broken encoder; the next broadcast comes at the same address.
    this.#player.addEventListener(PlayerState.ENDED, () => this.#comeBack(undefined));
    this.#player.addEventListener(PlayerEventType.ERROR, (error) => this.#comeBack(error?.code));
    this.#player.load(url);
  }

  latencySeconds(): number {
    return Math.max(0, this.#player.getLiveLatency());
  }

  chooseLevel(index: number): void {
    const quality = this.#qualities[index];
    if (quality === undefined) this.#player.setAutoQualityMode(true);
    else this.#player.setQuality(quality);
  }

  jumpToLive(): void {
    const { seekable } = this.video;
    if (seekable.length > 0) this.video.currentTime = seekable.end(seekable.length - 1);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#player.delete();
  }

  #comeBack(code: number | undefined): void {
    this.options.onFault('reconnecting');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#reload(code), RETURN_MILLISECONDS);
  }

  async #reload(code: number | undefined): Promise<void> {
    const { renewUrl } = this.options;
    if (code !== undefined && REFUSED.has(code) && renewUrl !== undefined) {
      this.url = await renewUrl().catch(() => this.url);
    }
    this.#player.load(this.url);
    this.#player.play();
  }
}
