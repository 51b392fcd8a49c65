import { css } from 'lit';

/** The chat: a list that scrolls, the queue of what waits, the composer at the foot. */
export const chatStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
    position: relative;
    background: var(--live-surface, #f4f5f7);
    border-radius: var(--live-radius, 0.5rem);
  }
  .list {
    flex: 1;
    min-height: 8rem;
    overflow-y: auto;
    overflow-anchor: none;
    padding: 0.75rem;
    contain: content;
  }
  /* Old messages go while somebody reads: what they read stays where it is. */
  .list.paused {
    overflow-anchor: auto;
  }
  .message {
    position: relative;
    padding: 0.125rem 2rem 0.125rem 0;
    overflow-wrap: anywhere;
    unicode-bidi: isolate;
    overflow: clip;
    line-height: 1.45;
  }
  h2 {
    margin: 0;
    padding: 0.625rem 0.75rem;
    font-size: 1rem;
    line-height: 1.25rem;
    border-bottom: 1px solid var(--live-line, #d5d9e0);
  }
  /* As dark, or as light, for every hue: all stand out from the surface alike. */
  .name {
    color: light-dark(oklch(0.44 0.13 var(--hue)), oklch(0.82 0.1 var(--hue)));
    font-weight: 600;
    margin-inline-end: 0.375rem;
  }
  .role {
    font-size: 0.75rem;
    border: 1px solid currentcolor;
    border-radius: 0.25rem;
    padding: 0 0.25rem;
    margin-inline-end: 0.375rem;
    color: var(--live-accent, #5b2fd6);
  }
  .state {
    font-size: 0.8125rem;
    margin-inline-start: 0.375rem;
  }
  .pending .text {
    opacity: 0.75;
  }
  a {
    color: var(--live-accent, #5b2fd6);
  }
  .menu-button {
    position: absolute;
    inset-block-start: 0;
    inset-inline-end: 0;
    min-height: 1.5rem;
    min-width: 1.5rem;
    padding: 0;
    border: none;
    background: transparent;
  }
  .menu {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    padding: 0.25rem 0;
  }
  .new {
    position: absolute;
    inset-inline: 0;
    inset-block-end: 100%;
    margin: 0 auto 0.5rem;
    width: max-content;
  }
  .bar {
    padding: 0.375rem 0.75rem;
    font-size: 0.875rem;
  }
  form,
  .foot {
    position: relative;
    border-top: 1px solid var(--live-line, #d5d9e0);
    padding: 0.5rem;
  }
  .foot {
    border-end-start-radius: inherit;
    border-end-end-radius: inherit;
  }
  button.icon {
    display: grid;
    place-items: center;
    min-width: 2.25rem;
    padding: 0.25rem;
  }
  form .row {
    display: flex;
    gap: 0.375rem;
    align-items: end;
  }
  textarea {
    resize: none;
    flex: 1;
    field-sizing: content;
    max-height: 7.5rem;
  }
  .emoji {
    display: flex;
    flex-wrap: wrap;
    gap: 0.125rem;
    padding-bottom: 0.375rem;
  }
  .emoji button {
    padding: 0 0.375rem;
  }
  .held {
    border-bottom: 1px solid var(--live-line, #d5d9e0);
    padding: 0.5rem 0.75rem;
    max-height: 40%;
    overflow-y: auto;
  }
  .held h3 {
    margin: 0 0 0.25rem;
    font-size: 0.9375rem;
  }
`;
