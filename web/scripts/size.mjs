/**
 * Hold the pages to their budget: `npm run size` after `npm run build`.
 *
 * Counted is what a page loads by itself, gzip as CloudFront sends it, from the manifest: own code
 * and one language. Lit is told apart, and the player is everything that only it needs.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../dist', import.meta.url).pathname;
const WATCH_BUDGET_BYTES = 15 * 1024;
const PLAYER_BUDGET_BYTES = 130 * 1024;
const PLAYER = 'live-player';
const ENGINE = 'src/player/hls-engine.ts';
const ENGLISH = 'src/strings/en.ts';

const manifest = JSON.parse(readFileSync(join(DIST, '.vite/manifest.json'), 'utf8'));

/** Every chunk that an entry pulls in without being asked. */
function filesOf(name, found = new Set()) {
  const chunk = manifest[name] ?? Object.values(manifest).find((other) => other.name === name);
  if (chunk === undefined) throw new Error(`no ${name} in the manifest`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const next of chunk.imports ?? []) filesOf(next, found);
  return found;
}

const size = (file) => gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length;
const sum = (files) => [...files].reduce((total, file) => total + size(file), 0);
const isLit = (file) => /\/lit-/.test(file);

const page = new Set([
  ...filesOf('watch.html'),
  ...filesOf(ENGLISH),
]);
const own = [...page].filter((file) => !isLit(file));
const player = [...filesOf(PLAYER), ...filesOf(ENGINE)].filter((file) => !page.has(file));

let isOver = false;
function report(what, bytes, budget) {
  const over = budget !== undefined && bytes > budget;
  isOver ||= over;
  const limit = budget === undefined ? '' : ` of ${(budget / 1024).toFixed(0)} KB`;
  process.stdout.write(`${what}: ${(bytes / 1024).toFixed(2)} KB${limit}${over ? '  OVER' : ''}\n`);
}
report('Watch page without the player, own JavaScript', sum(own), WATCH_BUDGET_BYTES);
report('Lit', sum([...page].filter(isLit)));
report('Player', sum(player), PLAYER_BUDGET_BYTES);
process.exitCode = isOver ? 1 : 0;
