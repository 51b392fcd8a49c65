/** `<live-confirm>`: asks before something that cannot be undone. */

import { LitElement, css, html } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';

import { text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';

@customElement('live-confirm')
export class LiveConfirm extends LitElement {
  @state() private question = '';
  @state() private action = '';
  @query('dialog') private dialog!: HTMLDialogElement;
  #answer: ((isSure: boolean) => void) | undefined;

  static override readonly styles = [
    controlStyles,
    css`
      dialog {
        width: min(26rem, 100% - 2rem);
        border: 1px solid var(--live-line, #d5d9e0);
        border-radius: var(--live-radius, 0.5rem);
        color: inherit;
        background: var(--live-background, #fff);
      }
      p {
        margin: 0 0 1rem;
      }
      dialog {
        padding: 1.25rem;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 50%);
      }
      .row {
        display: flex;
        gap: 0.5rem;
        justify-content: end;
      }
    `,
  ];

  /**
   * Ask, and wait for the answer.
   *
   * @param question What will happen, as a question.
   * @param action The word on the button that does it.
   */
  async ask(question: string, action: string): Promise<boolean> {
    this.question = question;
    this.action = action;
    await this.updateComplete;
    this.dialog.returnValue = '';
    this.dialog.showModal();
    return new Promise((resolve) => (this.#answer = resolve));
  }

  override render() {
    return html`<dialog
      role="alertdialog"
      aria-labelledby="question"
      @close=${() => this.#answer?.(this.dialog.returnValue === 'sure')}
    >
      <p id="question">${this.question}</p>
      <div class="row">
        <button autofocus @click=${() => this.dialog.close('')}>${text('cancel')}</button>
        <button class="danger" @click=${() => this.dialog.close('sure')}>${this.action}</button>
      </div>
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'live-confirm': LiveConfirm;
  }
}
