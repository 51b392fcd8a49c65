import { css } from 'lit';

/** Panels of the studio and the dashboard. */
export const panelStyles = css`
  .panel {
    background: var(--live-surface, #f4f5f7);
    border-radius: var(--live-radius, 0.5rem);
    padding: 1rem;
    display: grid;
    gap: 0.75rem;
    align-content: start;
    grid-template-columns: minmax(0, 1fr);
    min-width: 0;
  }
  ol {
    margin: 0;
    padding-inline-start: 1.5rem;
  }
  h2,
  h3 {
    margin: 0;
    font-size: 1.0625rem;
    line-height: 1.3;
  }
  h3 {
    font-size: 0.9375rem;
  }
  p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  /* Takes no room until it asks. */
  live-confirm {
    position: absolute;
  }
  details.panel {
    display: block;
  }
  details.panel[open] > summary {
    margin-block-end: 0.75rem;
  }
  form {
    display: grid;
    gap: 0.75rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
  }
  .row:has(> label) {
    align-items: end;
  }
  .row > .grow {
    flex: 1 1 12rem;
    min-width: 0;
  }
  dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr));
    gap: 0.75rem;
    margin: 0;
  }
  dt {
    font-size: 0.8125rem;
    color: var(--live-text-muted, #545b68);
  }
  dd {
    margin: 0;
    font-size: 1.125rem;
    font-weight: 600;
    line-height: 1.35;
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }
  ul.plain {
    list-style: none;
    margin: 0;
    padding: 0;
    display: grid;
    gap: 0.375rem;
  }
  .scroll {
    position: relative;
    overflow-x: auto;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 0.9375rem;
    font-variant-numeric: tabular-nums;
  }
  th,
  td {
    text-align: start;
    padding: 0.375rem 0.625rem;
    border-bottom: 1px solid var(--live-line, #d5d9e0);
  }
  tbody tr:last-child > * {
    border-bottom: none;
  }
  thead th {
    font-size: 0.8125rem;
    font-weight: 400;
    color: var(--live-text-muted, #545b68);
  }
  td .row {
    flex-wrap: nowrap;
  }
  td.number,
  th.number {
    text-align: end;
  }
  summary {
    cursor: pointer;
    min-height: 1.5rem;
  }
  a {
    color: var(--live-accent, #5b2fd6);
  }
  .badge {
    display: inline-block;
    font-size: 0.8125rem;
    font-weight: 700;
    padding: 0.125rem 0.5rem;
    border-radius: 0.25rem;
    border: 1px solid currentcolor;
  }
  .badge.live {
    color: #fff;
    background: var(--live-badge, #c8102e);
    border-color: transparent;
  }
  .good {
    color: var(--live-good, #11703c);
  }
  code {
    font-size: 0.875rem;
    overflow-wrap: anywhere;
  }
  input[type='checkbox'] {
    width: 1.25rem;
    height: 1.25rem;
    accent-color: var(--live-accent, #5b2fd6);
  }
  label.check {
    display: flex;
    align-items: center;
    gap: 0.5rem;
  }
  select {
    max-width: 100%;
  }
`;
