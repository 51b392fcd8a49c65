/** Messages that the server has not answered yet: they are sent again after a reconnect. */

/** A message that was not answered in this time is given back to the application. */
const ANSWER_MILLISECONDS = 60_000;

interface Unanswered {
  readonly frame: Record<string, unknown>;
  readonly givesUp: ReturnType<typeof setTimeout>;
}

export class Outbox {
  readonly #unanswered = new Map<string, Unanswered>();

  constructor(private readonly givenUp: (id: string) => void) {}

  put(id: string, frame: Record<string, unknown>): void {
    this.answered(id);
    const givesUp = setTimeout(() => {
      this.answered(id);
      this.givenUp(id);
    }, ANSWER_MILLISECONDS);
    this.#unanswered.set(id, { frame, givesUp });
  }

  answered(id: string): void {
    clearTimeout(this.#unanswered.get(id)?.givesUp);
    this.#unanswered.delete(id);
  }

  frames(): readonly Record<string, unknown>[] {
    return [...this.#unanswered.values()].map(({ frame }) => frame);
  }

  clear(): void {
    for (const id of [...this.#unanswered.keys()]) this.answered(id);
  }
}
