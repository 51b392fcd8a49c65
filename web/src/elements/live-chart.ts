/**
 * `<live-chart>`: lines or bars over time with the same figures as a table for whoever cannot see it.
 *
 * The table is always there, behind "Show as table"; uPlot is a chunk of its own.
 */

import { LitElement, css, html, type PropertyValues } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type uPlot from 'uplot';

import { count, locale, text } from '../strings/strings.js';
import { controlStyles } from '../styles/controls.js';
import { panelStyles } from '../styles/panels.js';

export interface Series {
  readonly label: string;
  readonly values: readonly number[];
  readonly isBars?: boolean;
}

const HEIGHT_PIXELS = 200;
const MINUTE_SECONDS = 60;
const COLOURS = ['--live-accent', '--live-good', '--live-danger'] as const;

@customElement('live-chart')
export class LiveChart extends LitElement {
  @property() heading = '';
  /** What stands at the table's first column. */
  @property() unit = '';
  /** Where each value stands, in seconds since the epoch. */
  @property({ attribute: false }) times: readonly number[] = [];
  @property({ attribute: false }) series: readonly Series[] = [];
  /** How a time is written in the table. */
  @property({ attribute: false }) writeTime: (seconds: number) => string = (seconds) =>
    new Date(seconds * 1000).toLocaleTimeString(locale(), { timeStyle: 'short' });
  /** The least distance of two lines of the value axis. */
  @property({ type: Number }) step = 1;
  /** How a value is written. */
  @property({ attribute: false }) writeValue: (value: number) => string = count;

  @query('.plot') private plot!: HTMLElement;
  #chart: uPlot | undefined;
  #shape = '';
  readonly #observer = new ResizeObserver(() => this.#resize());
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');

  static override readonly styles = [
    controlStyles,
    panelStyles,
    css`
      .plot {
        min-height: ${HEIGHT_PIXELS}px;
        overflow: hidden;
      }
      .plot .u-legend {
        text-align: start;
        font-size: 0.8125rem;
      }
      .plot .u-legend :is(th, td) {
        padding: 0.125rem 0.25rem;
        border: none;
        font-size: inherit;
        font-weight: 400;
        color: inherit;
      }
      .table {
        max-height: 20rem;
        overflow: auto;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#scheme.addEventListener('change', this.#redraw);
    if (this.hasUpdated) void this.#draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#scheme.removeEventListener('change', this.#redraw);
    this.#observer.disconnect();
    this.#forget();
  }

  override updated(changed: PropertyValues<this>): void {
    if (changed.has('times') || changed.has('series')) void this.#draw();
  }

  override render() {
    return html`<section class="panel" aria-labelledby="heading">
      <h2 id="heading">${this.heading}</h2>
      <div class="plot" aria-hidden="true"></div>
      <details>
        <summary>${text('showTable')}</summary>
        <div class="table" tabindex="0" role="group" aria-labelledby="heading">
          <table>
            <thead>
              <tr>
                <th scope="col">${this.unit}</th>
                ${this.series.map((one) => html`<th scope="col" class="number">${one.label}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${this.times.map(
                (time, at) =>
                  html`<tr>
                    <th scope="row">${this.writeTime(time)}</th>
                    ${this.series.map(
                      (one) =>
                        html`<td class="number">${this.writeValue(one.values[at] ?? 0)}</td>`,
                    )}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </section>`;
  }

  async #draw(): Promise<void> {
    const { UPlot, sheet } = await import('../charts/engine.js');
    if (!this.isConnected || this.renderRoot === undefined) return;
    const root = this.renderRoot as ShadowRoot;
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet);
    const data = [[...this.times], ...this.series.map((one) => [...one.values])] as uPlot.AlignedData;
    const shape = this.series.map((one) => `${one.label}${String(one.isBars)}`).join();
    if (this.#chart !== undefined && shape === this.#shape) {
      this.#chart.setData(data);
      return;
    }
    this.#forget();
    this.#shape = shape;
    this.#chart = new UPlot(this.#options(UPlot), data, this.plot);
    this.#observer.observe(this.plot);
    this.#resize();
  }

  #options(UPlot: typeof uPlot): uPlot.Options {
    const style = getComputedStyle(this.plot);
    const axis = {
      stroke: style.color,
      grid: { stroke: colourOf(style, '--live-line'), width: 1 },
      ticks: { stroke: colourOf(style, '--live-line'), width: 1 },
      font: `12px ${style.fontFamily}`,
    };
    return {
      width: Math.max(200, this.plot.clientWidth),
      height: HEIGHT_PIXELS,
      cursor: { drag: { x: false, y: false } },
      scales: {
        x: { range: () => this.#range() },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
      },
      axes: [
        {
          ...axis,
          values: (_, ticks) => ticks.map((tick) => this.writeTime(tick)),
          incrs: [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 10_080, 43_200].map(
            (minutes) => minutes * MINUTE_SECONDS,
          ),
          space: 80,
        },
        {
          ...axis,
          size: 56,
          incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1e4, 1e5, 1e6].map(
            (lines) => lines * this.step,
          ),
          values: (_, ticks) => ticks.map((tick) => this.writeValue(tick)),
        },
      ],
      series: [
        { label: this.unit, value: (_, time) => (time === null ? '–' : this.writeTime(time)) },
        ...this.series.map((one, at): uPlot.Series => {
          const stroke = colourOf(style, COLOURS[at % COLOURS.length] ?? COLOURS[0]);
          return {
            label: one.label,
            stroke,
            width: 2,
            points: { show: !one.isBars && this.times.length < 30 },
            value: (_, value) => (value === null ? '–' : this.writeValue(value)),
            ...(one.isBars ? { fill: stroke, paths: UPlot.paths.bars?.({ size: [0.6, 40] }) } : {}),
          } as uPlot.Series;
        }),
      ],
    };
  }

  /** Bars stand beside their time too, and one time alone still has a width. */
  #range(): [number, number] {
    const [first = 0, second = first + MINUTE_SECONDS] = this.times;
    const last = this.times.at(-1) ?? first;
    const between = second - first;
    const hasBars = this.series.some((one) => one.isBars);
    const margin = hasBars || first === last ? between * 0.6 : 0;
    return [first - margin, last + margin];
  }

  #redraw = (): void => {
    this.#forget();
    void this.#draw();
  };

  #resize(): void {
    const width = this.plot.clientWidth;
    if (width > 0) this.#chart?.setSize({ width, height: HEIGHT_PIXELS });
  }

  #forget(): void {
    this.#chart?.destroy();
    this.#chart = undefined;
  }
}

/** A custom property as the canvas takes it: `light-dark()` is resolved by a probe. */
function colourOf(style: CSSStyleDeclaration, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name}, currentcolor)`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour === '' ? style.color : colour;
}

declare global {
  interface HTMLElementTagNameMap {
    'live-chart': LiveChart;
  }
}
