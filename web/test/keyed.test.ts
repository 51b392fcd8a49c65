// @vitest-environment happy-dom
import { html, render } from 'lit';
import { describe, expect, it } from 'vitest';

import { keyed } from '../src/chat/keyed.js';

function draw(keys: readonly string[], into: HTMLElement): void {
  render(
    html`${keyed(
      keys.map((key) => ({ key })),
      ({ key }) => html`<p>${key}</p>`,
    )}`,
    into,
  );
}
const shown = (list: HTMLElement): string[] => [...list.querySelectorAll('p')].map((p) => p.textContent ?? '');

describe('keyed items', () => {
  it('come, move and go, and those that stay keep their nodes', () => {
    const list = document.createElement('div');
    draw(['a', 'b', 'c'], list);
    const b = list.querySelectorAll('p')[1];
    draw(['b', 'c', 'd'], list);
    expect(shown(list)).toEqual(['b', 'c', 'd']);
    expect(list.querySelector('p')).toBe(b);
    draw(['x', 'd', 'b'], list);
    expect(shown(list)).toEqual(['x', 'd', 'b']);
    draw([], list);
    expect(shown(list)).toEqual([]);
  });

  it('leave nothing behind, however many went', () => {
    const list = document.createElement('div');
    const keys = Array.from({ length: 1000 }, (_, at) => String(at));
    draw(keys.slice(0, 10), list);
    const nodes = list.childNodes.length;
    for (let at = 0; at < 990; at += 1) draw(keys.slice(at, at + 10), list);
    expect(list.childNodes.length).toBe(nodes);
  });
});
