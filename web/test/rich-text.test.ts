import { describe, expect, it } from 'vitest';

import { piecesOf, plain } from '../src/chat/rich-text.js';

describe('piecesOf', () => {
  it('leaves markup as text', () => {
    const text = '<img src=x onerror=alert(1)><script>alert(2)</script>&lt;b&gt;';
    expect(piecesOf(text)).toEqual([{ text }]);
  });

  it('makes links of http and https alone', () => {
    const pieces = piecesOf('see https://example.com/a?b=c. or http://x.test, not javascript:alert(1)');
    expect(pieces.filter((piece) => piece.url !== undefined).map((piece) => piece.url)).toEqual([
      'https://example.com/a?b=c',
      'http://x.test',
    ]);
    expect(pieces.map((piece) => piece.text).join('')).toContain('javascript:alert(1)');
  });

  it('ends a link before quotes and brackets', () => {
    const [, link] = piecesOf('(https://example.com/x"onmouseover="alert(1))');
    expect(link).toEqual({ text: 'https://example.com/x', url: 'https://example.com/x' });
  });

  it('keeps every character of ordinary text in any script', () => {
    for (const text of ['こんにちは', 'مرحبا بالعالم', 'שלום', 'Ünïcödé', '👩‍👩‍👧‍👦 🇩🇪', 'naïve e\u0301']) {
      expect(piecesOf(text)).toEqual([{ text }]);
    }
  });

  it('takes out what reorders the surroundings', () => {
    expect(plain('\u202egnp.exe\u2066x\u2069')).toBe('gnp.exex');
  });

  it('cuts towers of combining marks', () => {
    const zalgo = `H${'\u0315\u0301\u0300'.repeat(3000)}i`;
    expect(plain(zalgo).length).toBeLessThan(8);
    expect(plain(zalgo).startsWith('H')).toBe(true);
  });

  it('is quick on the longest hostile texts', () => {
    const started = performance.now();
    for (const part of ['http://', 'https://a.', '.,;:!?', '\u0301', '\u202e', 'http://a!!!!']) {
      piecesOf(part.repeat(20_000));
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
