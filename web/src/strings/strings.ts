/**
 * Every word that a person reads, in one place; `text('key')` gives it in the page's language.
 *
 * A language is a chunk of its own, in three catalogues, so that a viewer loads neither the other
 * languages nor the studio's words. `loadStrings` must have ended before anything is drawn.
 */

import type { AccountStrings } from './en-account.js';
import type { StudioStrings } from './en-studio.js';
import type { WatchStrings } from './en.js';

export type StringKey = keyof WatchStrings | keyof StudioStrings | keyof AccountStrings;
export type Catalogue = 'watch' | 'studio' | 'account';

type Words = Partial<Record<StringKey, string>>;
type Language = Readonly<Record<Catalogue, () => Promise<Words>>>;

const ENGLISH: Language = {
  watch: async (): Promise<WatchStrings> => (await import('./en.js')).watch,
  studio: async (): Promise<StudioStrings> => (await import('./en-studio.js')).studio,
  account: async (): Promise<AccountStrings> => (await import('./en-account.js')).account,
};
const LANGUAGES: Readonly<Record<string, Language>> = {
  en: ENGLISH,
  de: {
    watch: async () => (await import('./de.js')).watch,
    studio: async () => (await import('./de-studio.js')).studio,
    account: async () => (await import('./de-account.js')).account,
  },
};

let strings: Words = {};
let chosen: string | undefined;

/** The page's language: `?lang=` where it is given, else the first of the browser's that we speak. */
export function language(): string {
  chosen ??= chooseLanguage();
  return chosen;
}

function chooseLanguage(): string {
  const asked = new URLSearchParams(location.search).get('lang') ?? '';
  for (const tag of [asked, ...navigator.languages]) {
    const primary = tag.split('-')[0]?.toLowerCase() ?? '';
    if (Object.hasOwn(LANGUAGES, primary)) return primary;
  }
  return 'en';
}

/** For numbers and dates: the browser's own variant of our language, such as `en-GB`. */
export function locale(): string {
  const primary = language();
  return navigator.languages.find((tag) => tag.split('-')[0]?.toLowerCase() === primary) ?? primary;
}

/** Load the words of the page's language. */
export async function loadStrings(...catalogues: readonly Catalogue[]): Promise<void> {
  const source = LANGUAGES[language()] ?? ENGLISH;
  const loaded = await Promise.all(catalogues.map((name) => source[name]()));
  strings = Object.assign({}, strings, ...loaded) as Words;
}

/**
 * The text of a key with its `{holes}` filled.
 *
 * @param key Which text.
 * @param values What goes into the holes.
 */
export function text(key: StringKey, values: Readonly<Record<string, string | number>> = {}): string {
  return (strings[key] ?? key).replace(/\{(\w+)\}/g, (hole, name: string) =>
    String(values[name] ?? hole),
  );
}

/** A count in the page's language, such as `1,234`. */
export function count(value: number): string {
  return new Intl.NumberFormat(locale()).format(value);
}

/** A number with one digit behind the point, such as `2.5`, or `2,5` where that is written so. */
export function decimal(value: number): string {
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale(), digits).format(value);
}

/** Seconds as `1:02:03` or `2:03`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
