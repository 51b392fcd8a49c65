/** Every word that a person reads, in one place; `text('key')` gives it in the page's language. */

import { de } from './de.js';
import { en, type Strings } from './en.js';

const LANGUAGES: Readonly<Record<string, Strings>> = { en, de };

export type StringKey = keyof Strings;

/** The page's language: `lang` of the document where it is one of ours, else the browser's. */
export function language(): string {
  const wanted = [document.documentElement.lang, ...navigator.languages];
  for (const tag of wanted) {
    const primary = tag.split('-')[0]?.toLowerCase() ?? '';
    if (primary in LANGUAGES) return primary;
  }
  return 'en';
}

/**
 * The text of a key with its `{holes}` filled.
 *
 * @param key Which text.
 * @param values What goes into the holes.
 */
export function text(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  const strings = LANGUAGES[language()] ?? en;
  return strings[key].replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

/** A count in the page's language, such as `1,234`. */
export function count(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}

/** Seconds as `1:02:03` or `2:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
