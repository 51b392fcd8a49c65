/** What the chat shows: messages in order, own ones settled by the server's verdict, 500 at most. */

import type { ChatEvent } from './chat-client.js';

export const SHOWN_MESSAGES = 500;

export type MessageState =
  | 'shown'
  | 'sending'
  | 'checking'
  | 'held'
  | 'rejected'
  | 'unanswered'
  | 'removed';

export interface ShownMessage {
  /** Stable for rendering: the client's id of an own message, else the server's. */
  readonly key: string;
  readonly id: string | undefined;
  readonly userId: string;
  readonly displayName: string;
  readonly role: string;
  readonly text: string;
  readonly timestamp: string;
  readonly state: MessageState;
  readonly reason: string | undefined;
}

export interface OwnMessage {
  readonly clientMessageId: string;
  readonly userId: string;
  readonly displayName: string;
  readonly text: string;
}

export class MessageList {
  #messages: ShownMessage[] = [];
  #unseenOwn = new Map<string, string>();
  /** What was taken down before it was shown: a page of history may be older than that. */
  #takenDown = new Set<string>();

  get messages(): readonly ShownMessage[] {
    return this.#messages;
  }

  /** Show an own message before the server has it. */
  addOwn(own: OwnMessage, now: Date = new Date()): void {
    this.#append({
      key: own.clientMessageId,
      id: undefined,
      userId: own.userId,
      displayName: own.displayName,
      role: 'viewer',
      text: own.text,
      timestamp: now.toISOString(),
      state: 'sending',
      reason: undefined,
    });
  }

  /** A message that was not answered is on its way once more; whether it was one. */
  sendAgain(key: string): boolean {
    const at = this.#messages.findIndex((message) => message.key === key);
    const known = this.#messages[at];
    if (known?.state !== 'unanswered') return false;
    this.#messages = this.#messages.with(at, { ...known, state: 'sending' });
    return true;
  }

  /** Put a page of history before what came live; repeats are dropped, own ones are settled. */
  addHistory(page: readonly ChatEvent[]): void {
    const known = new Set(this.#messages.flatMap(({ id, key }) => [id, key]));
    const older = page
      .filter((entry) => {
        const id = String(entry['id']);
        if (known.has(id) || this.#takenDown.has(id)) return false;
        return !known.has(String(entry['clientMessageId'])) || !this.#show(entry);
      })
      .map((entry) => shownFrom(entry, String(entry['id'])));
    this.#messages = [...older, ...this.#messages]
      .sort((one, other) => one.timestamp.localeCompare(other.timestamp))
      .slice(-SHOWN_MESSAGES);
  }

  /** Apply an event; returns whether anything that is shown changed. */
  apply(event: ChatEvent): boolean {
    switch (event.type) {
      case 'message':
        return this.#show(event);
      case 'message-updated':
        return event['status'] === 'removed' ? this.#remove(String(event['id'])) : this.#show(event);
      case 'message-accepted':
        this.#unseenOwn.set(String(event['id']), String(event['clientMessageId']));
        return this.#settle(event, 'checking', undefined);
      case 'message-held':
        return this.#settle(event, 'held', undefined);
      case 'message-rejected':
        return this.#settle(event, 'rejected', String(event['detail'] ?? event['reason'] ?? ''));
      case 'unanswered':
        return this.#settle(event, 'unanswered', undefined);
      case 'problem': {
        const problem = (event['problem'] ?? {}) as Record<string, unknown>;
        return this.#settle(event, 'rejected', String(problem['detail'] ?? problem['title'] ?? ''));
      }
      case 'user-banned':
        return event['sanction'] === 'ban' && this.#removeAllOf(String(event['userId']));
      default:
        return false;
    }
  }

  #show(event: ChatEvent): boolean {
    const id = String(event['id']);
    const clientId = String(event['clientMessageId'] ?? this.#unseenOwn.get(id) ?? '');
    this.#unseenOwn.delete(id);
    this.#takenDown.delete(id);
    const at = this.#messages.findIndex(
      // Everybody sees the client's id of a message: one that has its own id already is not another's.
      (message) => message.id === id || (message.id === undefined && message.key === clientId),
    );
    const known = this.#messages[at];
    const shown = shownFrom(event, known?.key ?? id);
    if (known === undefined) this.#insert(shown);
    else this.#messages = this.#messages.with(at, { ...shown, text: shown.text || known.text });
    return true;
  }

  #settle(event: ChatEvent, state: MessageState, reason: string | undefined): boolean {
    const clientId = event['clientMessageId'];
    const at = this.#messages.findIndex((message) => message.key === clientId);
    const known = this.#messages[at];
    if (known === undefined || known.state === 'shown') return false;
    const id = event['id'] === undefined ? known.id : String(event['id']);
    this.#messages = this.#messages.with(at, { ...known, id, state, reason });
    return true;
  }

  #remove(id: string): boolean {
    const at = this.#messages.findIndex((message) => message.id === id);
    const known = this.#messages[at];
    if (known === undefined) {
      this.#takenDown.add(id);
      if (this.#takenDown.size > SHOWN_MESSAGES) this.#takenDown.delete([...this.#takenDown][0] ?? '');
      return false;
    }
    this.#messages = this.#messages.with(at, { ...known, state: 'removed', text: '' });
    return true;
  }

  #removeAllOf(userId: string): boolean {
    const before = this.#messages;
    this.#messages = before.map((message) =>
      message.userId === userId ? { ...message, state: 'removed' as const, text: '' } : message,
    );
    return before.some((message) => message.userId === userId);
  }

  /** In the order in which messages were sent: what was missed comes after what is live. */
  #insert(message: ShownMessage & { id: string }): void {
    const later = this.#messages.findIndex(({ id }) => id !== undefined && id > message.id);
    if (later < 0) this.#append(message);
    else this.#messages = this.#messages.toSpliced(later, 0, message).slice(-SHOWN_MESSAGES);
  }

  #append(message: ShownMessage): void {
    this.#messages = [...this.#messages, message].slice(-SHOWN_MESSAGES);
  }
}

function shownFrom(event: ChatEvent, key: string): ShownMessage & { id: string } {
  return {
    key,
    id: String(event['id']),
    userId: String(event['userId'] ?? ''),
    displayName: String(event['displayName'] ?? ''),
    role: String(event['role'] ?? 'viewer'),
    text: String(event['message'] ?? ''),
    timestamp: String(event['timestamp'] ?? ''),
    state: 'shown',
    reason: undefined,
  };
}
