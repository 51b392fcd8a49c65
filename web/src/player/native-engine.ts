/** The browser's own HLS, where there are no Media Source Extensions. */

import type { PlaybackEngine, PlaybackOptions } from './playback.js';

export function startNative(
  video: HTMLVideoElement,
  url: string,
  options: PlaybackOptions,
): PlaybackEngine {
  const failed = (): void => options.onFault('failed');
  video.addEventListener('error', failed);
  video.src = url;
  const edge = (): number => (video.seekable.length > 0 ? video.seekable.end(0) : 0);
  return {
    latencySeconds: () => Math.max(0, edge() - video.currentTime),
    chooseLevel: () => undefined,
    jumpToLive: () => (video.currentTime = edge()),
    stop: () => {
      video.removeEventListener('error', failed);
      video.removeAttribute('src');
      video.load();
    },
  };
}
