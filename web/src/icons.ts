/** The player's pictures, drawn here so that no font has to have them. */

import { svg, type SVGTemplateResult } from 'lit';

const PATHS = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h4v14H7zm6 0h4v14h-4z',
  sound: 'M4 9v6h4l5 5V4L8 9zm11.5-1.5v9a5 5 0 0 0 0-9z',
  silent:
    'M4 9v6h4l5 5V4L8 9zm17 .4L19.6 8 17.5 10.100 15.400 8 14 9.400l2.100 2.100L14 13.600 15.400 15l2.100-2.100L19.600 15l1.400-1.400-2.100-2.100z',
  picture: 'M3 5h18v14H3zm2 2v10h14V7zm6 5h7v4h-7z',
  fullscreen: 'M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z',
  emoji:
    'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 2a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM9 8.500A1.500 1.500 0 1 0 9 11.500 1.500 1.500 0 0 0 9 8.500zm6 0a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM8 14h8a4 3.500 0 0 1-8 0z',
} as const;

export function icon(name: keyof typeof PATHS): SVGTemplateResult {
  return svg`<svg viewBox="0 0 24 24" width="24" height="24" fill="currentColor" aria-hidden="true"><path fill-rule="evenodd" d=${PATHS[name]}></path></svg>`;
}
