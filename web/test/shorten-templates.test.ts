import { describe, expect, it } from 'vitest';

import { shortenTemplates } from '../scripts/shorten-templates.js';

describe('templates in the build', () => {
  it('lose their indentation and their comments, and keep what is between the holes', () => {
    const source = "const t = css`\n  /* why */\n  .a {\n    color: red;\n  }\n  a:hover b {\n    x: ${y};\n  }\n`;";
    expect(shortenTemplates(source)).toBe('const t = css` .a{color:red}a:hover b{x:${y}}`;');
    const page = 'html`<p>\n    ${list.map((one) => html`<b>\n  ${one}</b>`)} words\n  </p>`';
    expect(shortenTemplates(page)).toBe('html`<p> ${list.map((one) => html`<b> ${one}</b>`)} words </p>`');
  });

  it('leave every other text alone', () => {
    const source = 'const words = `two\n   lines`; const path = "a   b"; other`a\n  b`;';
    expect(shortenTemplates(source)).toBe(source);
  });
});
