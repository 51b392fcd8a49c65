import { html } from 'lit';

import '../elements/live-studio.js';
import { text } from '../strings/strings.js';
import { askToSignIn, startPage } from './shell.js';

void startPage({
  title: () => text('studio'),
  isForCreators: true,
  run: (shell) => {
    const draw = (): void => {
      const { person } = shell.session;
      shell.show(
        person === undefined
          ? html`<div class="empty">
              <h1>${text('studio')}</h1>
              <p class="muted">${text('signInToBroadcast')}</p>
              <button class="primary" @click=${askToSignIn}>${text('signIn')}</button>
            </div>`
          : html`<h1>${text('studio')}</h1>
              <live-studio
                .api=${shell.api}
                .person=${person}
                ivs-player-url=${shell.config.ivsPlayerUrl ?? ''}
              ></live-studio>`,
      );
    };
    shell.session.addEventListener('change', draw);
    draw();
    return Promise.resolve();
  },
});
