import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';

import type { StreamBody, StreamList } from '../api/types.js';
import { plain } from '../chat/rich-text.js';
import { icon } from '../icons.js';
import { count, duration, text } from '../strings/strings.js';
import { faultOf, startPage, type Shell } from './shell.js';

const REFRESH_MILLISECONDS = 15_000;
const PAGE_STREAMS = 24;
/** So many stand in the first screen, and their pictures are not waited with. */
const FIRST_IN_VIEW = 4;

void startPage({
  title: () => text('browse'),
  run: async (shell) => {
    await showStreams(shell);
    setInterval(() => {
      if (!document.hidden) void showStreams(shell);
    }, REFRESH_MILLISECONDS);
  },
});

let pages = 1;

async function showStreams(shell: Shell): Promise<void> {
  try {
    const streams: StreamBody[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < pages && cursor !== null; page += 1) {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const list: StreamList = await shell.api.call(`?limit=${PAGE_STREAMS}${query}`);
      streams.push(...list.streams);
      cursor = list.cursor ?? null;
    }
    shell.show(browse(streams, cursor !== null, () => {
      pages += 1;
      void showStreams(shell);
    }));
  } catch (error) {
    shell.show(faultOf(error));
  }
}

function browse(streams: readonly StreamBody[], hasMore: boolean, more: () => void): TemplateResult {
  return html`<h1>${text('liveNow')}</h1>
    ${streams.length === 0
      ? html`<div class="empty">
          <p>${text('nobodyLive')}</p>
          <p class="muted">${text('nobodyLiveHint')}</p>
          <a class="button" href="/studio">${text('studio')}</a>
        </div>`
      : html`<ul class="stream-grid">
          ${repeat(streams, (stream) => stream.streamId, card)}
        </ul>`}
    ${hasMore ? html`<button @click=${more}>${text('more')}</button>` : nothing}`;
}

function card(stream: StreamBody, at: number): TemplateResult {
  const viewers =
    stream.viewerCount === 1 ? text('oneWatching') : text('watching', { count: count(stream.viewerCount) });
  return html`<li>
    <a class="stream-card" href="/watch?stream=${stream.streamId}">
      <span class="thumbnail">
        ${stream.thumbnailUrl
          ? html`<img
              loading=${at < FIRST_IN_VIEW ? 'eager' : 'lazy'}
              src=${stream.thumbnailUrl}
              alt=""
              width="320"
              height="180"
            />`
          : icon('play')}
        <span class="badge">${text('statusLive')}</span>
      </span>
      <strong class="stream-title"><bdi>${plain(stream.title)}</bdi></strong>
      <span class="muted"
        >${viewers} · ${text('startedAgo', { time: duration(stream.duration) })}</span
      >
    </a>
  </li>`;
}
