/** Which versions of things were seen: the wire delivers at least once. */

import type { ChatEvent } from './frames.js';

const REMEMBERED_VERSIONS = 4_000;

export class SeenVersions {
  readonly #versions = new Map<string, number>();

  /** Whether an event about one thing is older than, or equal to, one that was seen; remembers it. */
  isRepeat(event: ChatEvent): boolean {
    const version = event['version'];
    if (typeof version !== 'number') return false;
    const subject = event['id'] ?? event['userId'] ?? event['streamId'] ?? '';
    const kind = event.type === 'message' || event.type === 'message-updated' ? 'message' : event.type;
    const key = `${kind}#${String(subject)}`;
    const seen = this.#versions.get(key);
    if (seen !== undefined && seen >= version) return true;
    this.#versions.delete(key);
    this.#versions.set(key, version);
    if (this.#versions.size > REMEMBERED_VERSIONS) {
      const oldest = this.#versions.keys().next().value;
      if (oldest !== undefined) this.#versions.delete(oldest);
    }
    return false;
  }
}
