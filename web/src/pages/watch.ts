import { html, nothing, type TemplateResult } from 'lit';

import { ProblemError } from '../api/http.js';
import type { StreamDetails } from '../api/types.js';
import type { ChatEvent } from '../chat/chat-client.js';
import '../elements/live-chat.js';
import { plain } from '../chat/rich-text.js';
import { count, text } from '../strings/strings.js';
import { askToSignIn, faultOf, startPage, type Shell } from './shell.js';

/** Events come through the chat; this only catches what a lost connection missed. */
const REFRESH_MILLISECONDS = 20_000;
/** The player comes beside the chat, not before it. */
const loadPlayer = (): Promise<unknown> => import('../elements/live-player.js');
const HIDDEN = new Set([401, 403, 404]);

const isHidden = (error: unknown): boolean =>
  error instanceof ProblemError && HIDDEN.has(error.problem.status);

interface Recording {
  readonly playbackUrl?: string | null;
  readonly thumbnailUrl?: string | null;
}

class WatchPage {
  readonly #shell: Shell;
  readonly #streamId: string;
  #stream: StreamDetails | undefined;
  #recording: Recording | undefined;
  #viewerCount = 0;
  #isCopied = false;
  #loads = 0;

  constructor(shell: Shell, streamId: string) {
    this.#shell = shell;
    this.#streamId = streamId;
    shell.session.addEventListener('change', () => void this.load());
    setInterval(() => {
      if (!document.hidden) void this.load();
    }, REFRESH_MILLISECONDS);
  }

  async load(): Promise<void> {
    const load = ++this.#loads;
    try {
      const stream = await this.#shell.api.call<StreamDetails>(`/${this.#streamId}`);
      if (load !== this.#loads) return;
      // A private playlist's token changes with each answer; the player keeps what it plays.
      const url = this.#stream?.status === 'live' ? this.#stream.playbackUrl : stream.playbackUrl;
      this.#stream = { ...stream, playbackUrl: url };
      this.#viewerCount = stream.viewerCount;
      if (stream.status !== 'live' && stream.endTime && !this.#recording?.playbackUrl) {
        await this.#loadRecording();
      }
      this.#draw();
    } catch (error) {
      // What somebody may see no longer goes; what only did not answer stays.
      if (load !== this.#loads || (this.#stream !== undefined && !isHidden(error))) return;
      this.#stream = undefined;
      this.#shell.show(this.#refusal(error));
    }
  }

  async #loadRecording(): Promise<void> {
    this.#recording = await this.#shell.api
      .call<Recording>(`/${this.#streamId}/recording`)
      .catch(() => undefined);
  }

  #onEvent = ({ detail: event }: CustomEvent<ChatEvent>): void => {
    if (this.#stream === undefined) return;
    if (event.type === 'viewer-count') {
      this.#viewerCount = Number(event['viewerCount']);
      this.#draw();
    }
    if (event.type === 'stream-status') void this.load();
  };

  #renewUrl = async (): Promise<string> => {
    const stream = await this.#shell.api.call<StreamDetails>(`/${this.#streamId}`);
    return stream.playbackUrl;
  };

  #share = async (): Promise<void> => {
    const url = location.href;
    if ('share' in navigator) await navigator.share({ url }).catch(() => undefined);
    else {
      await (navigator as Navigator).clipboard.writeText(url);
      this.#isCopied = true;
      this.#draw();
    }
  };

  #refusal(error: unknown): TemplateResult {
    if (!isHidden(error)) return faultOf(error);
    const isSignedIn = this.#shell.session.person !== undefined;
    return html`<div class="empty" data-refused>
      <h1>${text('privateStream')}</h1>
      <p class="muted">${text(isSignedIn ? 'privateSignedInHint' : 'privateHint')}</p>
      ${isSignedIn ? nothing : html`<button @click=${askToSignIn}>${text('signIn')}</button>`}
    </div>`;
  }

  #draw(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    document.title = `${plain(stream.title)} · ${text('appName')}`;
    const { person } = this.#shell.session;
    this.#shell.show(
      html`<div class="watch">
        <section class="stage">
          ${this.#picture(stream)}
          <h1><bdi>${plain(stream.title)}</bdi></h1>
          <p class="facts">
            ${stream.status === 'live'
              ? html`<span class="badge">${text('statusLive')}</span>`
              : nothing}
            <span ?hidden=${Boolean(stream.endTime)} data-viewer-count=${this.#viewerCount}
              >${this.#viewerCount === 1
                ? text('oneWatching')
                : text('watching', { count: count(this.#viewerCount) })}</span
            >
            <button @click=${this.#share}>${text('share')}</button>
            <span role="status">${this.#isCopied ? text('linkCopied') : ''}</span>
          </p>
          <p class="description"><bdi>${plain(stream.description)}</bdi></p>
        </section>
        <live-chat
          stream-id=${this.#streamId}
          .api=${this.#shell.api}
          .person=${person}
          channel-id=${stream.userId}
          @live-event=${this.#onEvent}
        >
          <button slot="sign-in" @click=${askToSignIn}>${text('signInToChat')}</button>
        </live-chat>
      </div>`,
    );
  }

  #picture(stream: StreamDetails): TemplateResult {
    return html`<div class="picture">${this.#content(stream)}</div>`;
  }

  #content(stream: StreamDetails): TemplateResult {
    if (stream.status === 'live') {
      return html`<live-player
        live
        stream-url=${stream.playbackUrl}
        poster=${stream.thumbnailUrl ?? ''}
        ivs-player-url=${this.#shell.config.ivsPlayerUrl ?? ''}
        .renewUrl=${stream.visibility === 'PUBLIC' ? undefined : this.#renewUrl}
      ></live-player>`;
    }
    if (this.#recording?.playbackUrl) {
      return html`<live-player
          stream-url=${this.#recording.playbackUrl}
          poster=${this.#recording.thumbnailUrl ?? ''}
        ></live-player>
        <p class="muted">${text('statusEnded')}</p>`;
    }
    const key =
      stream.status === 'processing'
        ? 'statusProcessing'
        : stream.endTime
          ? 'statusEnded'
          : 'statusStarting';
    return html`<div class="screen" role="status" data-state=${stream.status}>${text(key)}</div>`;
  }
}

void startPage({
  title: () => text('player'),
  run: async (shell) => {
    void loadPlayer();
    const streamId = new URLSearchParams(location.search).get('stream') ?? '';
    if (streamId === '') {
      shell.show(
        html`<div class="empty">
          <h1>${text('notFound')}</h1>
          <a class="button" href="/">${text('browse')}</a>
        </div>`,
      );
      return;
    }
    await new WatchPage(shell, streamId).load();
  },
});
