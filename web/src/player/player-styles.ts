import { css } from 'lit';

/** The player: picture, what lies over it, controls that step back while nobody points at them. */
export const playerStyles = css`
  :host {
    display: block;
    position: relative;
    aspect-ratio: 16 / 9;
    background: #000;
    border-radius: var(--live-radius, 0.5rem);
    overflow: hidden;
  }
  :host(:fullscreen) {
    border-radius: 0;
  }
  video {
    width: 100%;
    height: 100%;
    display: block;
  }
  .controls {
    position: absolute;
    inset: auto 0 0 0;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem;
    padding: 1.5rem 0.5rem 0.5rem;
    color: #fff;
    background: linear-gradient(transparent, rgb(0 0 0 / 80%));
  }
  .controls button,
  .controls select {
    color: #fff;
    background: transparent;
    border-color: transparent;
  }
  .controls button:hover {
    background: rgb(255 255 255 / 20%);
  }
  .controls select option {
    color: #000;
  }
  button:has(svg) {
    display: inline-grid;
    place-items: center;
    min-width: 2.25rem;
    padding: 0.25rem;
  }
  .controls :focus-visible {
    outline: 2px solid #fff;
  }
  .space {
    flex: 1;
  }
  .latency {
    font-variant-numeric: tabular-nums;
    font-size: 0.8125rem;
  }
  .badge {
    background: var(--live-badge, #c8102e);
    color: #fff;
    font-size: 0.75rem;
    font-weight: 700;
    padding: 0.1rem 0.4rem;
    border-radius: 0.25rem;
  }
  .overlay {
    position: absolute;
    inset: 0;
    display: grid;
    place-items: center;
    color: #fff;
    background: rgb(0 0 0 / 55%);
    text-align: center;
    padding: 1rem;
  }
  .unmute {
    position: absolute;
    top: 0.75rem;
    left: 0.75rem;
    color: #fff;
    background: rgb(0 0 0 / 75%);
  }
  input[type='range'] {
    accent-color: #fff;
  }
  .volume {
    width: 5rem;
  }
  .row {
    flex-basis: 100%;
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0 0.5rem;
  }
  .timeline {
    flex: 1;
    min-width: 0;
    height: 1.5rem;
    cursor: pointer;
  }
  /* Whoever points at the picture, holds its focus or has no pointer keeps the controls. */
  @media (hover: hover) and (prefers-reduced-motion: no-preference) {
    .controls {
      transition: opacity 0.3s;
    }
    :host([playing]:not(:hover, :focus-within)) .controls {
      opacity: 0;
      transition-delay: 2s;
    }
  }
  @media (max-width: 30rem) {
    .volume {
      display: none;
    }
  }
`;
