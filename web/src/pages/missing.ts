import { html } from 'lit';

import { text } from '../strings/strings.js';
import { startPage } from './shell.js';

void startPage({
  title: () => text('notFound'),
  run: (shell) => {
    shell.show(
      html`<div class="empty">
        <h1>${text('notFound')}</h1>
        <a class="button" href="/">${text('browse')}</a>
      </div>`,
    );
    return Promise.resolve();
  },
});
