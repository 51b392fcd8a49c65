/** `<live-shares>`: a ranked list with each entry's share, as a table with bars. */

import { LitElement, css, html } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { count, locale, text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';

export interface Share {
  readonly name: string;
  readonly views: number;
}

@customElement('live-shares')
export class LiveShares extends LitElement {
  @property() heading = '';
  @property() unit = '';
  @property({ attribute: false }) shares: readonly Share[] = [];

  static override readonly styles = [
    controlStyles,
    panelStyles,
    css`
      meter {
        width: 5rem;
        vertical-align: middle;
      }
    `,
  ];

  override render() {
    const total = this.shares.reduce((sum, share) => sum + share.views, 0);
    const percent = new Intl.NumberFormat(locale(), { style: 'percent' });
    return html`<section class="panel" aria-labelledby="heading">
      <h2 id="heading">${this.heading}</h2>
      ${total === 0
        ? html`<p class="muted">${text('noSeries')}</p>`
        : html`<table>
            <thead>
              <tr>
                <th scope="col">${this.unit}</th>
                <th scope="col" class="number">${text('totalViews')}</th>
                <th scope="col" class="number">${text('share100')}</th>
              </tr>
            </thead>
            <tbody>
              ${this.shares.map(
                (share) =>
                  html`<tr>
                    <th scope="row"><bdi>${share.name}</bdi></th>
                    <td class="number">${count(share.views)}</td>
                    <td class="number">
                      ${percent.format(share.views / total)}
                      <meter aria-hidden="true" max="1" .value=${share.views / total}></meter>
                    </td>
                  </tr>`,
              )}
            </tbody>
          </table>`}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'live-shares': LiveShares;
  }
}
