/** A Vite plugin: takes the indentation out of `html` and `css` templates, which no minifier does. */

import ts from 'typescript';
import type { Plugin } from 'vite';

/** A template's text as short as it means the same: HTML and CSS read a run of space as one. */
function shortened(text: string, tag: string): string {
  if (tag !== 'css') return text.replace(/\s+/g, ' ');
  return text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/: /g, ':')
    .replaceAll(';}', '}');
}

/** Source text with its templates shortened. */
export function shortenTemplates(code: string): string {
  const source = ts.createSourceFile('page.ts', code, ts.ScriptTarget.Latest, true);
  const edits: { from: number; to: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTaggedTemplateExpression(node)) {
      const tag = node.tag.getText(source);
      if (tag === 'html' || tag === 'svg' || tag === 'css') {
        const { template } = node;
        const parts = ts.isNoSubstitutionTemplateLiteral(template)
          ? [template]
          : [template.head, ...template.templateSpans.map((span) => span.literal)];
        for (const part of parts) {
          const [from, to] = [part.getStart(source), part.getEnd()];
          edits.push({ from, to, text: shortened(code.slice(from, to), tag) });
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  let result = code;
  for (const { from, to, text } of edits.sort((one, other) => other.from - one.from)) {
    result = result.slice(0, from) + text + result.slice(to);
  }
  return result;
}

export function shortTemplates(): Plugin {
  return {
    name: 'short-templates',
    apply: 'build',
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('/src/') && id.endsWith('.ts') ? { code: shortenTemplates(code), map: null } : null,
  };
}
