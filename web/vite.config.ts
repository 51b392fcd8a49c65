import { resolve } from 'node:path';

import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

import { shortTemplates } from './scripts/shorten-templates.js';

const page = (name: string): string => resolve(import.meta.dirname, `${name}.html`);

/** What every page loads: one chunk compresses better than eight. */
const SHARED =
  /src\/(api\/(http|words)|chat\/rich-text|config|icons|session\/(session|provider)|strings\/strings|styles\/controls|pages\/shell)\.ts$/;

/** Have the browser fetch a page's chunks together, not one after the other. */
function preloadImports(): Plugin {
  return {
    name: 'preload-imports',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { chunk, bundle }) => {
        const files = new Set<string>();
        const visit = (file: string): void => {
          const found = bundle?.[file];
          if (files.has(file) || found?.type !== 'chunk') return;
          files.add(file);
          found.imports.forEach(visit);
        };
        chunk?.imports.forEach(visit);
        return [...files].map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
        }));
      },
    },
  };
}

export default defineConfig({
  plugins: [shortTemplates(), preloadImports()],
  build: {
    target: 'es2022',
    manifest: true,
    // Its loader for lazy chunks is larger than all it would save: what they import is there by then.
    modulePreload: false,
    rollupOptions: {
      input: {
        index: page('index'),
        watch: page('watch'),
        studio: page('studio'),
        dashboard: page('dashboard'),
        404: page('404'),
        elements: resolve(import.meta.dirname, 'src/elements.ts'),
      },
      preserveEntrySignatures: 'allow-extension',
      output: {
        // Other pages embed the elements under a name that does not change.
        entryFileNames: ({ name }) =>
          name === 'elements' ? 'elements.js' : 'assets/[name]-[hash].js',
        manualChunks: (id) => {
          if (/node_modules\/(lit|@lit|lit-html|lit-element)/.test(id)) return 'lit';
          return SHARED.test(id) || /decorate\.js$/.test(id) ? 'shared' : undefined;
        },
      },
    },
  },
  test: { environment: 'node', include: ['test/**/*.test.ts'] },
});
