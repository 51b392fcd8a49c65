/** What a chat connection is made of, and what is seen of it. */

export interface ChatTicket {
  readonly ticket: string;
  readonly chatUrl: string;
  readonly viewerId: string;
  readonly expiresIn: number;
  /** What the connection may do: `owner`, `moderator` or `viewer`. */
  readonly role?: string;
  /** When the server ends the connection, because the caller's token ends. */
  readonly connectionExpiresAt?: string;
}

/** What the application sees of the connection itself. */
export type ConnectionState = 'connecting' | 'open' | 'waiting' | 'closed';

export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  onerror: ((event: never) => void) | null;
}

export interface ChatClientOptions {
  readonly streamId: string;
  /** Fetches a fresh single-use ticket; called for every connection. */
  readonly takeTicket: () => Promise<ChatTicket>;
  /** Makes the socket; the browser's WebSocket by default. */
  readonly makeSocket?: (url: string) => SocketLike;
  readonly heartbeatMilliseconds?: number;
  /** How long one connection is used before it is renewed; API Gateway ends it after two hours. */
  readonly renewMilliseconds?: number;
  readonly random?: () => number;
}
