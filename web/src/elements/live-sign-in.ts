/** `<live-sign-in>`: the dialog to sign in or up; loaded when somebody wants to. */

import { LitElement, css, html, nothing } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';

import { SignInError } from '../session/provider.js';
import type { Session } from '../session/session.js';
import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

type Step = 'sign-in' | 'sign-up' | 'confirm';

/** What the pool says of an account whose mailed code was never given. */
const UNCONFIRMED = 'UserNotConfirmedException';

@customElement('live-sign-in')
export class LiveSignIn extends LitElement {
  @property({ attribute: false }) session: Session | undefined;

  @state() private step: Step = 'sign-in';
  @state() private fault = '';
  @state() private isBusy = false;
  #credentials = { name: '', email: '', password: '' };

  @query('dialog') private dialog!: HTMLDialogElement;

  static override readonly styles = [
    controlStyles,
    css`
      dialog {
        width: min(24rem, 100% - 2rem);
        border: 1px solid var(--live-line, #d5d9e0);
        border-radius: var(--live-radius, 0.5rem);
        color: inherit;
        background: var(--live-background, #fff);
      }
      form {
        display: grid;
        gap: 0.75rem;
      }
      p {
        margin: 0;
      }
      dialog {
        padding: 1.25rem;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 50%);
      }
      h2 {
        margin: 0;
        font-size: 1.25rem;
      }
      .row {
        display: flex;
        gap: 0.5rem;
        flex-wrap: wrap;
      }
    `,
  ];

  /** Show the dialog. */
  open(): void {
    this.step = 'sign-in';
    this.fault = '';
    this.dialog.showModal();
  }

  override render() {
    return html`
      <dialog aria-labelledby="title" @close=${this.#onClose}>
        <form @submit=${this.#submit}>
          <h2 id="title">${text(this.step === 'sign-in' ? 'signIn' : 'signUp')}</h2>
          ${this.step === 'confirm' ? this.#confirmation() : this.#fields()}
          ${this.fault === '' ? nothing : html`<p class="error" role="alert">${this.fault}</p>`}
          <div class="row">
            <button class="primary" ?disabled=${this.isBusy}>
              ${text(this.step === 'confirm' ? 'confirm' : this.step === 'sign-in' ? 'signIn' : 'signUp')}
            </button>
            <button type="button" @click=${() => this.dialog.close()}>${text('cancel')}</button>
          </div>
          ${this.step === 'confirm'
            ? nothing
            : html`<p class="muted">
                ${text(this.step === 'sign-in' ? 'needAccount' : 'haveAccount')}
                <button
                  type="button"
                  @click=${() => (this.step = this.step === 'sign-in' ? 'sign-up' : 'sign-in')}
                >
                  ${text(this.step === 'sign-in' ? 'signUp' : 'signIn')}
                </button>
              </p>`}
        </form>
      </dialog>`;
  }

  #fields() {
    const isNew = this.step === 'sign-up';
    return html`<label
        >${text(isNew ? 'displayName' : 'userName')}
        <input name="name" required minlength="3" maxlength="64" autocomplete="username" />
      </label>
      ${isNew
        ? html`<label
            >${text('email')} <input name="email" type="email" required autocomplete="email"
          /></label>`
        : nothing}
      <label
        >${text('password')}
        <input
          name="password"
          type="password"
          required
          minlength=${isNew ? 12 : 1}
          autocomplete=${isNew ? 'new-password' : 'current-password'}
        />
      </label>
      ${isNew ? html`<p class="muted">${text('passwordHint')}</p>` : nothing}`;
  }

  #confirmation() {
    const { email } = this.#credentials;
    return html`<p>${email === '' ? text('checkMailOfAccount') : text('checkMail', { email })}</p>
      <label
        >${text('confirmationCode')}
        <input name="code" required inputmode="numeric" autocomplete="one-time-code" />
      </label>
      <p>
        <button type="button" ?disabled=${this.isBusy} @click=${this.#sendCodeAgain}>
          ${text('sendCodeAgain')}
        </button>
      </p>`;
  }

  #submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const { session } = this;
    if (session === undefined) return;
    const form = new FormData(event.target as HTMLFormElement);
    const field = (name: string): string => String(form.get(name) ?? '');
    await this.#attempt(async () => {
      if (this.step === 'confirm') {
        await session.confirm(this.#credentials.name, field('code'));
      } else {
        this.#credentials = { name: field('name'), email: field('email'), password: field('password') };
      }
      const { name, email, password } = this.#credentials;
      if (this.step === 'sign-up' && !(await session.signUp(email, password, name))) {
        this.step = 'confirm';
        return;
      }
      await this.#signIn(session, name, password);
    });
  };

  async #signIn(session: Session, name: string, password: string): Promise<void> {
    try {
      await session.signIn(name, password);
    } catch (error) {
      if (!(error instanceof SignInError) || error.code !== UNCONFIRMED) throw error;
      // Somebody who left before the code came. Where the pool sends no more, that one still holds.
      this.step = 'confirm';
      await session.sendCodeAgain(name);
      return;
    }
    this.dialog.close();
  }

  #sendCodeAgain = (): Promise<void> =>
    this.#attempt(async () => this.session?.sendCodeAgain(this.#credentials.name));

  async #attempt(what: () => Promise<unknown>): Promise<void> {
    this.fault = '';
    this.isBusy = true;
    try {
      await what();
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    } finally {
      this.isBusy = false;
    }
  }

  #onClose = (): void => {
    this.fault = '';
    this.#credentials = { name: '', email: '', password: '' };
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'live-sign-in': LiveSignIn;
  }
}
