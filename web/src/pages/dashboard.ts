import { html, type TemplateResult } from 'lit';

import type { StreamBody, StreamList } from '../api/types.js';
import { plain } from '../chat/rich-text.js';
import '../elements/live-analytics.js';
import '../elements/live-history.js';
import { locale, text } from '../strings/strings.js';
import { askToSignIn, faultOf, startPage, type Shell } from './shell.js';

const STREAMS_SHOWN = 50;

void startPage({
  title: () => text('dashboard'),
  isForCreators: true,
  run: (shell) => {
    const draw = (): Promise<void> =>
      drawFor(shell).catch((error: unknown) => shell.show(faultOf(error)));
    shell.session.addEventListener('change', () => void draw());
    return draw();
  },
});

let streams: readonly StreamBody[] = [];
let streamsOf: string | undefined;

async function drawFor(shell: Shell): Promise<void> {
  const { person } = shell.session;
  if (person === undefined) {
    streams = [];
    streamsOf = undefined;
    shell.show(html`<div class="empty">
      <h1>${text('dashboard')}</h1>
      <p class="muted">${text('signInToSee')}</p>
      <button class="primary" @click=${askToSignIn}>${text('signIn')}</button>
    </div>`);
    return;
  }
  if (streamsOf !== person.userId) {
    const mine = await shell.api.call<StreamList>(`/mine?limit=${STREAMS_SHOWN}`);
    streamsOf = person.userId;
    streams = mine.streams.filter((stream) => stream.startTime);
  }
  shell.show(dashboard(shell));
}

function dashboard(shell: Shell): TemplateResult {
  const chosen = new URLSearchParams(location.search).get('stream') ?? '';
  const choose = (event: Event): void => {
    const { value } = event.target as HTMLSelectElement;
    history.pushState(null, '', value === '' ? '/dashboard' : `/dashboard?stream=${value}`);
    shell.show(dashboard(shell));
  };
  return html`<h1>${text('dashboard')}</h1>
    <label class="field"
      >${text('chooseStream')}
      <select @change=${choose}>
        <option value="" ?selected=${chosen === ''}>${text('allStreams')}</option>
        ${streams.map(
          (stream) =>
            html`<option value=${stream.streamId} ?selected=${stream.streamId === chosen}>
              ${plain(stream.title)}
              (${stream.startTime ? new Date(stream.startTime).toLocaleString(locale()) : ''})
            </option>`,
        )}
      </select>
    </label>
    ${chosen === ''
      ? html`<live-history .api=${shell.api}></live-history>`
      : html`<live-analytics .api=${shell.api} stream-id=${chosen}></live-analytics>`}`;
}
