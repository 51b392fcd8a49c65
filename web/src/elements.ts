/**
 * The elements for other pages: `<script type="module" src="https://…/elements.js"></script>`.
 *
 * Each is loaded when it first stands in the page.
 */

import { loadStrings, type Catalogue } from './strings/strings.js';

export { ApiClient } from './api/http.js';
export { Session } from './session/session.js';

const ELEMENTS: Readonly<Record<string, readonly [readonly Catalogue[], () => Promise<unknown>]>> = {
  'live-player': [['watch'], () => import('./elements/live-player.js')],
  'live-chat': [['watch'], () => import('./elements/live-chat.js')],
  'live-analytics': [['watch', 'studio'], () => import('./elements/live-analytics.js')],
  'live-studio': [['watch', 'studio'], () => import('./elements/live-studio.js')],
};

/** Load one element with its words, and define it. */
export async function defineElement(name: keyof typeof ELEMENTS & string): Promise<void> {
  const element = ELEMENTS[name];
  if (element === undefined) throw new Error(`There is no element named ${name}.`);
  const [catalogues, load] = element;
  await loadStrings(...catalogues);
  await load();
}

for (const name of Object.keys(ELEMENTS)) {
  if (document.querySelector(name) !== null) void defineElement(name);
}
