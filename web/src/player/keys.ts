/** The player's keys, as people know them from elsewhere. */

export interface PlayerActions {
  toggle(): void;
  toggleMute(): void;
  toggleFullscreen(): void;
  toggleCaptions(): void;
  jumpToLive(): void;
  /** Change the volume by this much; 1 is all of it. */
  turnUp(by: number): void;
  seek(seconds: number): void;
}

const SEEK_SECONDS = 10;
const VOLUME_STEP = 0.1;

const KEYS: Readonly<Record<string, (player: PlayerActions) => void>> = {
  ' ': (player) => player.toggle(),
  k: (player) => player.toggle(),
  m: (player) => player.toggleMute(),
  f: (player) => player.toggleFullscreen(),
  l: (player) => player.jumpToLive(),
  c: (player) => player.toggleCaptions(),
  ArrowUp: (player) => player.turnUp(VOLUME_STEP),
  ArrowDown: (player) => player.turnUp(-VOLUME_STEP),
  ArrowLeft: (player) => player.seek(-SEEK_SECONDS),
  ArrowRight: (player) => player.seek(SEEK_SECONDS),
};

/** Act on a key, unless it belongs to the control that has the focus or to the browser. */
export function onPlayerKey(event: KeyboardEvent, player: PlayerActions): void {
  const target = event.composedPath()[0];
  if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === ' ' && target instanceof HTMLButtonElement) return;
  const action = KEYS[event.key];
  if (action === undefined) return;
  event.preventDefault();
  action(player);
}
