/** What plays a stream: hls.js everywhere, the video service's own player where it is configured. */

export interface QualityLevel {
  readonly index: number;
  readonly label: string;
}

export type PlaybackFault = 'none' | 'reconnecting' | 'failed';

export interface PlaybackOptions {
  readonly live: boolean;
  /** The script of the Amazon IVS player; empty where an operator has not given it. */
  readonly ivsPlayerUrl: string;
  readonly renewUrl: (() => Promise<string>) | undefined;
  readonly onLevels: (levels: readonly QualityLevel[]) => void;
  readonly onFault: (fault: PlaybackFault) => void;
}

export interface PlaybackEngine {
  /** How far the picture is behind the live edge; 0 where it is not known. */
  latencySeconds(): number;
  /** Play one rendition; -1 lets the engine choose. */
  chooseLevel(index: number): void;
  jumpToLive(): void;
  stop(): void;
}

/** Where Amazon IVS keeps the playlists of its channels. */
const IVS_PLAYLIST = /^https:\/\/[^/]+\.live-video\.net\//;

/**
 * Play a playlist in a video element, with the engine that is right for it.
 *
 * The proprietary player comes into play for broadcasts of IVS alone, and only where an operator
 * gave its address; if it does not load or does not run here, hls.js plays.
 */
export async function startPlayback(
  video: HTMLVideoElement,
  url: string,
  options: PlaybackOptions,
): Promise<PlaybackEngine> {
  if (options.live && options.ivsPlayerUrl !== '' && IVS_PLAYLIST.test(url)) {
    const { startIvs } = await import('./ivs-engine.js');
    const engine = await startIvs(video, url, options);
    if (engine !== undefined) return engine;
  }
  const { startHls } = await import('./hls-engine.js');
  // Reading the engine and starting it are two tasks: between them the page answers a finger.
  await new Promise((resolve) => setTimeout(resolve));
  return startHls(video, url, options);
}
