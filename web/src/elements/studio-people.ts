/** `<studio-people kind="moderators|bans|invitations">`: a list of people to add to and take from. */

import { html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import type { BanList, InvitationList, ModeratorList } from '../api/types.js';
import { locale, text, type StringKey } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';

interface Listed {
  readonly userId: string;
  readonly note: string;
}

interface Kind {
  readonly heading: StringKey;
  readonly add: StringKey;
  readonly hasReason: boolean;
  readonly path: (streamId: string) => string;
  readonly read: (answer: unknown) => readonly Listed[];
}

const KINDS: Readonly<Record<'moderators' | 'bans' | 'invitations', Kind>> = {
  moderators: {
    heading: 'moderators',
    add: 'add',
    hasReason: false,
    path: () => '/channel/moderators',
    read: (answer) =>
      (answer as ModeratorList).moderators.map(({ userId }) => ({ userId, note: '' })),
  },
  bans: {
    heading: 'bans',
    add: 'banSomebody',
    hasReason: true,
    path: () => '/channel/bans',
    read: (answer) =>
      (answer as BanList).bans.map(({ userId, until, reason }) => ({
        userId,
        note: [
          until
            ? text('timedOutUntil', { time: new Date(until).toLocaleString(locale()) })
            : text('bannedForGood'),
          reason ?? '',
        ]
          .filter(Boolean)
          .join(' · '),
      })),
  },
  invitations: {
    heading: 'invitations',
    add: 'invite',
    hasReason: false,
    path: (streamId) => `/${streamId}/invitations`,
    read: (answer) =>
      (answer as InvitationList).invitations.map(({ userId }) => ({ userId, note: '' })),
  },
};

@customElement('studio-people')
export class StudioPeople extends ApiElement {
  @property() kind: keyof typeof KINDS = 'moderators';
  @property({ attribute: 'stream-id' }) streamId = '';
  @state() private people: readonly Listed[] = [];

  static override readonly styles = [controlStyles, panelStyles];

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('api') || changed.has('streamId') || changed.has('kind')) void this.#load();
  }

  override render() {
    const kind = KINDS[this.kind];
    return html`<section class="panel" aria-labelledby="heading">
      <h2 id="heading">${text(kind.heading)}</h2>
      ${this.kind === 'invitations' ? html`<p class="muted">${text('inviteHint')}</p>` : nothing}
      ${this.people.length === 0
        ? html`<p class="muted">${text('nobodyListed')}</p>`
        : html`<ul class="plain">
            ${this.people.map(
              (person) =>
                html`<li class="row">
                  <code class="grow">${person.userId}</code>
                  ${person.note === '' ? nothing : html`<span class="muted">${person.note}</span>`}
                  <button @click=${() => void this.#remove(person.userId)}>
                    ${text('remove')}<span class="visually-hidden">: ${person.userId}</span>
                  </button>
                </li>`,
            )}
          </ul>`}
      <form @submit=${this.#add}>
        <div class="row">
          <label class="grow"
            >${text('userId')}
            <input name="user" required maxlength="128" autocomplete="off" spellcheck="false" />
          </label>
          ${kind.hasReason
            ? html`<label class="grow"
                >${text('reason')} <input name="reason" maxlength="200" autocomplete="off" />
              </label>`
            : nothing}
        </div>
        ${this.faultLine()}
        <div class="row"><button ?disabled=${this.isBusy}>${text(kind.add)}</button></div>
      </form>
    </section>`;
  }

  async #load(): Promise<void> {
    const kind = KINDS[this.kind];
    if (this.kind === 'invitations' && this.streamId === '') return;
    const answer = await this.attempt((api) => api.call(kind.path(this.streamId)));
    if (answer !== undefined) this.people = kind.read(answer);
  }

  #add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const userId = String(data.get('user')).trim();
    const reason = String(data.get('reason') ?? '').trim();
    const kind = KINDS[this.kind];
    const done = await this.attempt(async (api) => {
      await api.call(`${kind.path(this.streamId)}/${encodeURIComponent(userId)}`, {
        method: 'PUT',
        ...(kind.hasReason ? { body: reason === '' ? {} : { reason } } : {}),
      });
      return true;
    });
    if (done === undefined) return;
    form.reset();
    await this.#load();
  };

  async #remove(userId: string): Promise<void> {
    const done = await this.attempt(async (api) => {
      await api.call(`${KINDS[this.kind].path(this.streamId)}/${encodeURIComponent(userId)}`, {
        method: 'DELETE',
      });
      return true;
    });
    if (done !== undefined) await this.#load();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-people': StudioPeople;
  }
}
