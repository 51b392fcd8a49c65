/** `<studio-settings>`: the channel's chat settings. */

import { html, nothing, type PropertyValues } from 'lit';
import { customElement, state } from 'lit/decorators.js';

import { ProblemError } from '../api/http.js';
import type { ChatSettings } from '../api/types.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';

const PATH = '/channel/chat-settings';
const PARTICIPANTS = [
  ['everyone', 'whoEveryone'],
  ['signed-in', 'whoSignedIn'],
  ['followers', 'whoFollowers'],
  ['moderators', 'whoModerators'],
] as const;

@customElement('studio-settings')
export class StudioSettings extends ApiElement {
  @state() private settings: ChatSettings | undefined;
  @state() private note = '';

  static override readonly styles = [controlStyles, panelStyles];

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('api')) void this.#load();
  }

  override render() {
    const { settings } = this;
    if (settings === undefined) return html`${this.faultLine()}`;
    const moderation = settings.moderation ?? {};
    const option = (value: string, label: string, current: string | undefined) =>
      html`<option value=${value} ?selected=${value === current}>${label}</option>`;
    return html`<form class="panel" aria-labelledby="heading" @submit=${this.#submit}>
      <h2 id="heading">${text('settings')}</h2>
      <label
        >${text('whoMayChat')}
        <select name="participants">
          ${PARTICIPANTS.map(([value, key]) => option(value, text(key), settings.participants))}
        </select>
      </label>
      <label
        >${text('moderationMode')}
        <select name="mode">
          ${option('pre', text('modePre'), moderation.mode)}
          ${option('post', text('modePost'), moderation.mode)}
        </select>
      </label>
      <label
        >${text('slowModeSeconds')}
        <input
          name="slow"
          type="number"
          min="0"
          max="3600"
          required
          .value=${String(settings.slowModeSeconds ?? 0)}
        />
      </label>
      <label
        >${text('chatDelaySeconds')}
        <input
          name="delay"
          type="number"
          min="0"
          max="60"
          required
          .value=${String(settings.chatDelaySeconds ?? 0)}
        />
      </label>
      <label class="check"
        ><input name="links" type="checkbox" ?checked=${moderation.linksAllowed ?? false} />
        ${text('linksAllowed')}
      </label>
      <label
        >${text('blockedTerms')}
        <textarea
          name="terms"
          rows="4"
          spellcheck="false"
          .value=${(moderation.blockedTerms ?? []).map((term) => term.term).join('\n')}
        ></textarea>
      </label>
      ${this.faultLine()}
      <div class="row">
        <button class="primary" ?disabled=${this.isBusy}>${text('saveSettings')}</button>
        <span class="good" role="status">${this.note === '' ? nothing : this.note}</span>
      </div>
    </form>`;
  }

  async #load(): Promise<void> {
    const settings = await this.attempt((api) => api.call<ChatSettings>(PATH));
    if (settings !== undefined) this.settings = settings;
  }

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { settings } = this;
    if (settings === undefined) return;
    const form = new FormData(event.target as HTMLFormElement);
    const known = new Map(
      (settings.moderation?.blockedTerms ?? []).map((term) => [term.term, term]),
    );
    const terms = String(form.get('terms'))
      .split('\n')
      .map((term) => term.trim())
      .filter((term) => term !== '');
    const body = {
      ...settings,
      participants: form.get('participants'),
      slowModeSeconds: Number(form.get('slow')),
      chatDelaySeconds: Number(form.get('delay')),
      moderation: {
        ...settings.moderation,
        mode: form.get('mode'),
        linksAllowed: form.get('links') !== null,
        blockedTerms: [...new Set(terms)].map(
          (term) => known.get(term) ?? { term, kind: term.includes(' ') ? 'phrase' : 'exact' },
        ),
      },
    };
    this.note = '';
    const saved = await this.attempt(async (api) => {
      try {
        return await api.call<ChatSettings>(PATH, { method: 'PUT', body });
      } catch (error) {
        if (!(error instanceof ProblemError) || error.problem.status !== 409) throw error;
        this.settings = await api.call<ChatSettings>(PATH);
        throw new Error(text('settingsChangedMeanwhile'));
      }
    });
    if (saved === undefined) return;
    this.settings = saved;
    this.note = text('saved');
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'studio-settings': StudioSettings;
  }
}
