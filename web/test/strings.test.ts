import { describe, expect, it } from 'vitest';

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
