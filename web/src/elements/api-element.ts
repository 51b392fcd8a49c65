/** What elements that call the API share: the client, and one place for what went wrong. */

import { LitElement, html, nothing } from 'lit';
import { property, state } from 'lit/decorators.js';

import type { ApiClient } from '../api/http.js';
import { faultWords } from '../api/words.js';

export class ApiElement extends LitElement {
  @property({ attribute: false }) api: ApiClient | undefined;
  @state() protected fault = '';
  @state() protected isBusy = false;

  /** Run a call; a fault becomes words on the element and undefined here. */
  protected async attempt<T>(action: (api: ApiClient) => Promise<T>): Promise<T | undefined> {
    if (this.api === undefined) return undefined;
    this.fault = '';
    this.isBusy = true;
    try {
      return await action(this.api);
    } catch (error) {
      this.fault = faultWords(error);
      return undefined;
    } finally {
      this.isBusy = false;
    }
  }

  protected faultLine() {
    return this.fault === '' ? nothing : html`<p class="error" role="alert">${this.fault}</p>`;
  }
}
