/**
 * `<live-analytics stream-id="…">`: one stream's figures; a live one's come again by themselves.
 */

import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';

import type { Analytics, Minute, StatusBody } from '../api/types.js';
import { download } from '../charts/download.js';
import { regionName } from '../charts/names.js';
import { count, duration, locale, text, type StringKey } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './live-chart.js';
import './live-shares.js';

const REFRESH_MILLISECONDS = 5000;

@customElement('live-analytics')
export class LiveAnalytics extends ApiElement {
  @property({ attribute: 'stream-id' }) streamId = '';

  @state() private figures: Analytics | undefined;
  @state() private isLive = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  static override readonly styles = [
    controlStyles,
    panelStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 1rem;
      }
      .columns {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr));
        gap: 1rem;
        align-items: start;
      }
      .columns.narrow {
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = setInterval(() => {
      if (!document.hidden && this.isLive) void this.#load();
    }, REFRESH_MILLISECONDS);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('api') || changed.has('streamId')) void this.#load();
  }

  override render() {
    const { figures } = this;
    if (figures === undefined) {
      return html`${this.faultLine()}
      ${this.fault === '' ? html`<p class="muted" role="status">${text('loading')}</p>` : nothing}`;
    }
    const regions = figures.topRegions.map(({ region, views }) => ({
      name: regionName(region),
      views,
    }));
    const devices = Object.entries(figures.deviceTypes)
      .map(([name, views]) => ({ name, views }))
      .sort((one, other) => other.views - one.views);
    const referrers = (figures.referrers ?? []).map(({ host, views }) => ({ name: host, views }));
    return html`${this.faultLine()} ${this.#totals(figures)} ${this.#charts(figures)}
      <div class="columns narrow">
        <live-shares heading=${text('regions')} unit=${text('region')} .shares=${regions}>
        </live-shares>
        <live-shares heading=${text('devices')} unit=${text('device')} .shares=${devices}>
        </live-shares>
        <live-shares heading=${text('referrers')} unit=${text('referrer')} .shares=${referrers}>
        </live-shares>
      </div>`;
  }

  #totals(figures: Analytics) {
    const fact = (key: StringKey, value: string, name?: string) =>
      html`<div>
        <dt>${text(key)}</dt>
        <dd data-figure=${name ?? nothing}>${value}</dd>
      </div>`;
    const { totals } = figures;
    return html`<section class="panel">
      ${this.isLive
        ? html`<div class="row">
            <span class="badge live">${text('statusLive')}</span>
            <span class="muted">${text('updatesItself')}</span>
          </div>`
        : nothing}
      <dl>
        ${this.isLive && totals
          ? fact('viewersNow', count(totals.viewerCount), 'viewerCount')
          : nothing}
        ${fact('peakViewers', count(figures.peakViewers), 'peakViewers')}
        ${fact('totalViews', count(figures.totalViews), 'totalViews')}
        ${fact('averageWatchTime', duration(figures.averageWatchTime))}
        ${totals
          ? html`${fact('uniqueViewers', count(totals.uniqueViewers))}
            ${fact('watchTime', duration(totals.watchSeconds))}
            ${fact('messages', count(totals.messages), 'messages')}
            ${fact('moderatedMessages', count(totals.moderatedMessages))}
            ${fact('chatters', count(totals.chatters))}`
          : nothing}
      </dl>
      <div class="row">
        <button @click=${this.#exportSeries} ?disabled=${(figures.series ?? []).length === 0}>
          ${text('exportCsv')}
        </button>
      </div>
    </section>`;
  }

  #charts(figures: Analytics) {
    const minutes = figures.series ?? [];
    if (minutes.length === 0) return html`<p class="muted">${text('noSeries')}</p>`;
    const times = minutes.map((minute) => Date.parse(minute.minute) / 1000);
    const line = (key: StringKey, pick: (minute: Minute) => number, isBars = false) => ({
      label: text(key),
      values: minutes.map(pick),
      isBars,
    });
    const retention = figures.retention ?? [];
    const percent = new Intl.NumberFormat(locale(), { style: 'percent' });
    return html`<div class="columns">
      <live-chart
        heading=${text('viewersOverTime')}
        unit=${text('minute')}
        .times=${times}
        .series=${[
          line('viewersMax', (minute) => minute.viewersMax),
          line('viewersAverage', (minute) => Math.round(minute.viewersAverage * 10) / 10),
        ]}
      ></live-chart>
      <live-chart
        heading=${text('joinsAndLeaves')}
        unit=${text('minute')}
        .times=${times}
        .series=${[line('joins', (minute) => minute.joins), line('leaves', (minute) => minute.leaves)]}
      ></live-chart>
      <live-chart
        heading=${text('messagesOverTime')}
        unit=${text('minute')}
        .times=${times}
        .series=${[
          line('messages', (minute) => minute.messages, true),
          line('moderatedShort', (minute) => minute.moderatedMessages),
        ]}
      ></live-chart>
      ${retention.length === 0
        ? nothing
        : html`<live-chart
            heading=${text('retention')}
            unit=${text('minute')}
            .times=${retention.map((point) => Date.parse(point.minute) / 1000)}
            .series=${[
              { label: text('stillWatching'), values: retention.map((point) => point.share) },
            ]}
            step="0.05"
            .writeValue=${(share: number) => percent.format(share)}
          ></live-chart>`}
    </div>`;
  }

  async #load(): Promise<void> {
    if (this.streamId === '') return;
    await this.attempt(async (api) => {
      const [figures, status] = await Promise.all([
        api.call<Analytics>(`/analytics/${this.streamId}?include=totals,series,retention,referrers`),
        api.call<StatusBody>(`/status/${this.streamId}`),
      ]);
      this.figures = figures;
      this.isLive = status.status === 'live';
    });
  }

  #exportSeries = (): void => {
    const minutes = this.figures?.series ?? [];
    const columns = [
      'minute',
      'viewersMax',
      'viewersAverage',
      'joins',
      'leaves',
      'messages',
      'moderatedMessages',
    ] as const;
    const lines = minutes.map((minute) => columns.map((column) => String(minute[column])).join(','));
    download(`${this.streamId}.csv`, [columns.join(','), ...lines, ''].join('\r\n'));
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'live-analytics': LiveAnalytics;
  }
}
