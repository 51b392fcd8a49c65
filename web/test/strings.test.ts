import { afterEach, describe, expect, it, vi } from 'vitest';

import { account as deAccount } from '../src/strings/de-account.js';
import { studio as deStudio } from '../src/strings/de-studio.js';
import { watch as de } from '../src/strings/de.js';
import { account as enAccount } from '../src/strings/en-account.js';
import { studio as enStudio } from '../src/strings/en-studio.js';
import { watch as en } from '../src/strings/en.js';

const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('strings', () => {
  it('have the same holes in every language', () => {
    const english: Record<string, string> = { ...en, ...enStudio, ...enAccount };
    const german: Record<string, string> = { ...de, ...deStudio, ...deAccount };
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
    for (const [key, text] of Object.entries(english)) expect(holes(german[key] ?? ''), key).toEqual(holes(text));
  });
});

describe('the page’s language', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    ['?lang=de', ['en-GB'], 'de'],
    ['', ['fr', 'de-AT', 'en'], 'de'],
    ['?lang=constructor', ['fr'], 'en'],
    ['?lang=__proto__', [], 'en'],
  ])('of %s with %j is %s', async (search, languages, expected) => {
    vi.stubGlobal('location', { search });
    vi.stubGlobal('navigator', { languages });
    vi.resetModules();
    const { language, loadStrings, text } = await import('../src/strings/strings.js');
    await loadStrings('watch');
    expect(language()).toBe(expected);
    expect(text('chat')).toBe((expected === 'de' ? de : en).chat);
  });
});
