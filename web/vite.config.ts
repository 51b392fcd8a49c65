import { resolve } from 'node:path';

import { defineConfig } from 'vitest/config';

const page = (name: string): string => resolve(import.meta.dirname, `${name}.html`);

export default defineConfig({
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        index: page('index'),
        watch: page('watch'),
        studio: page('studio'),
        dashboard: page('dashboard'),
        404: page('404'),
      },
    },
  },
  test: { environment: 'node', include: ['test/**/*.test.ts'] },
});
