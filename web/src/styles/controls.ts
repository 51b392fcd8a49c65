import { css } from 'lit';

/** Buttons, fields and focus, alike in every element; colours come from the theme's properties. */
export const controlStyles = css`
  :host {
    font: 1rem/1.5 var(--live-font, system-ui, sans-serif);
    color: var(--live-text, #15171c);
  }
  :host([hidden]) {
    display: none;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  button,
  select {
    min-height: 2.25rem;
    padding: 0.25rem 0.75rem;
    border: 1px solid var(--live-line, #d5d9e0);
    border-radius: var(--live-radius, 0.5rem);
    background: var(--live-surface-raised, #fff);
    cursor: pointer;
  }
  button:disabled {
    opacity: 0.6;
    cursor: not-allowed;
  }
  button.primary {
    color: var(--live-on-accent, #fff);
    background: var(--live-accent, #5b2fd6);
    border-color: transparent;
  }
  button.danger {
    color: var(--live-danger, #b3172a);
    border-color: currentcolor;
  }
  input:not([type='range'], [type='checkbox']),
  textarea {
    width: 100%;
    min-height: 2.25rem;
    padding: 0.25rem 0.625rem;
    border: 1px solid var(--live-line, #d5d9e0);
    border-radius: var(--live-radius, 0.5rem);
    background: var(--live-background, #fff);
  }
  label {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.25rem;
  }
  :focus-visible {
    outline: 2px solid var(--live-accent, #5b2fd6);
    outline-offset: 2px;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .muted {
    color: var(--live-text-muted, #545b68);
  }
  .error {
    color: var(--live-danger, #b3172a);
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;
