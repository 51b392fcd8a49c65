/** `<live-history>`: a creator's figures across streams, over a range of days. */

import { css, html, nothing, type PropertyValues } from 'lit';
import { customElement, state } from 'lit/decorators.js';

import type { History, PastStream } from '../api/types.js';
import { download } from '../charts/download.js';
import { plain } from '../chat/rich-text.js';
import { count, duration, locale, text, type StringKey } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';
import { ApiElement } from './api-element.js';
import './live-chart.js';

const DAY_MILLISECONDS = 86_400_000;
const FIRST_RANGE_DAYS = 30;

@customElement('live-history')
export class LiveHistory extends ApiElement {
  @state() private from = dayOf(Date.now() - FIRST_RANGE_DAYS * DAY_MILLISECONDS);
  @state() private to = dayOf(Date.now());
  @state() private past: History | undefined;

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
        grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr));
        gap: 1rem;
        align-items: start;
      }
      form.row {
        display: flex;
        align-items: end;
      }
      form.row input {
        width: auto;
      }
    `,
  ];

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('api')) void this.#load();
  }

  override render() {
    const { past } = this;
    return html`<section class="panel" aria-labelledby="heading">
        <h2 id="heading">${text('acrossStreams')}</h2>
        <form class="row" @submit=${this.#apply}>
          <label
            >${text('from')} <input type="date" name="from" required .value=${this.from} />
          </label>
          <label>${text('to')} <input type="date" name="to" required .value=${this.to} /> </label>
          <button ?disabled=${this.isBusy}>${text('apply')}</button>
          <button type="button" @click=${this.#export}>${text('exportCsv')}</button>
        </form>
        ${this.faultLine()} ${past === undefined ? nothing : this.#totals(past)}
      </section>
      ${past === undefined ? nothing : this.#charts(past)}`;
  }

  #totals(past: History) {
    if (past.totals.streams === 0) return html`<p class="muted">${text('noData')}</p>`;
    const percent = new Intl.NumberFormat(locale(), { style: 'percent', signDisplay: 'always' });
    const fact = (key: StringKey, value: string, growth?: number | null) =>
      html`<div>
        <dt>${text(key)}</dt>
        <dd>
          ${value}
          ${growth === undefined || growth === null
            ? nothing
            : html`<div class="muted">${text('growth', { percent: percent.format(growth) })}</div>`}
        </dd>
      </div>`;
    const { totals, growth } = past;
    return html`<dl>
        ${fact('streams', count(totals.streams), growth.streams)}
        ${fact('totalViews', count(totals.totalViews), growth.totalViews)}
        ${fact('watchTime', duration(totals.watchSeconds), growth.watchSeconds)}
        ${fact('averageWatchTime', duration(totals.averageWatchTime))}
        ${fact('peakViewers', count(totals.peakViewers))}
        ${fact('newViewers', count(totals.newViewers))}
        ${fact(
          'returning',
          new Intl.NumberFormat(locale(), { style: 'percent' }).format(
            past.retention.returningShare,
          ),
        )}
        ${fact('messages', count(totals.messages))}
      </dl>
      ${past.bestStream
        ? html`<p>${text('bestStream')}: ${this.#link(past.bestStream)}</p>`
        : nothing}`;
  }

  #charts(past: History) {
    if (past.totals.streams === 0) return nothing;
    // The API leaves out days without a stream; the chart must not.
    const days = daysBetween(this.from, this.to);
    const views = new Map(past.days.map((day) => [Date.parse(day.day) / 1000, day.totalViews]));
    return html`<div class="columns">
        <live-chart
          heading=${text('viewsPerDay')}
          unit=${text('day')}
          .times=${days}
          .series=${[
            { label: text('views'), values: days.map((day) => views.get(day) ?? 0), isBars: true },
          ]}
          .writeTime=${writeDay}
        ></live-chart>
        <section class="panel" aria-labelledby="hours">
          <h2 id="hours">${text('peakHours')}</h2>
          <table>
            <thead>
              <tr>
                <th scope="col">${text('hour')}</th>
                <th scope="col" class="number">${text('watchTime')}</th>
                <th scope="col" class="number">${text('viewersMax')}</th>
              </tr>
            </thead>
            <tbody>
              ${past.peakHours.map(
                (hour) =>
                  html`<tr>
                    <th scope="row">${hour.hour}:00</th>
                    <td class="number">${duration(hour.watchSeconds)}</td>
                    <td class="number">${count(hour.viewersMax)}</td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </section>
      </div>
      <section class="panel scroll" tabindex="0" aria-label=${text('pastStreams')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${text('title')}</th>
              <th scope="col">${text('started')}</th>
              <th scope="col" class="number">${text('length')}</th>
              <th scope="col" class="number">${text('totalViews')}</th>
              <th scope="col" class="number">${text('peakViewers')}</th>
              <th scope="col" class="number">${text('averageWatchTime')}</th>
              <th scope="col" class="number">${text('messages')}</th>
            </tr>
          </thead>
          <tbody>
            ${past.streams.map(
              (stream) =>
                html`<tr>
                  <th scope="row">${this.#link(stream)}</th>
                  <td>${new Date(stream.startTime).toLocaleString(locale())}</td>
                  <td class="number">${duration(stream.duration)}</td>
                  <td class="number">${count(stream.totalViews)}</td>
                  <td class="number">${count(stream.peakViewers)}</td>
                  <td class="number">${duration(stream.averageWatchTime)}</td>
                  <td class="number">${count(stream.messages)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </section>`;
  }

  #link(stream: PastStream) {
    return html`<a href="/dashboard?stream=${stream.streamId}"
      ><bdi>${plain(stream.title)}</bdi></a
    >`;
  }

  #query(): string {
    return new URLSearchParams({ from: this.from, to: this.to }).toString();
  }

  async #load(): Promise<void> {
    const past = await this.attempt((api) => api.call<History>(`/history?${this.#query()}`));
    if (past !== undefined) this.past = past;
  }

  #apply = (event: Event): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const [from, to] = [String(form.get('from')), String(form.get('to'))];
    if (from > to) {
      this.fault = text('rangeWrong');
      return;
    }
    this.from = from;
    this.to = to;
    void this.#load();
  };

  #export = async (): Promise<void> => {
    const csv = await this.attempt((api) =>
      api.call<string>(`/history?${this.#query()}&format=csv`),
    );
    if (csv !== undefined) download(`history-${this.from}-${this.to}.csv`, csv);
  };
}

/** The API's days are days of UTC. */
function dayOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

function daysBetween(from: string, to: string): number[] {
  const [first, last] = [Date.parse(from), Date.parse(to)];
  const length = Math.max(0, Math.round((last - first) / DAY_MILLISECONDS)) + 1;
  return Array.from({ length }, (_, at) => (first + at * DAY_MILLISECONDS) / 1000);
}

function writeDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString(locale(), {
    month: 'short',
    day: 'numeric',
    timeZone: 'UTC',
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'live-history': LiveHistory;
  }
}
