import type { ChatTicket } from '../src/chat/chat-client.js';

/** A socket whose other end the test plays. */
export class FakeSocket {
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;

  constructor(readonly url: string) {}

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(code = 1000): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.(undefined as never);
  }

  receive(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) });
  }

  sentOf(action: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['action'] === action);
  }
}

/** Sockets in the order in which the client made them. */
export class FakeGateway {
  readonly sockets: FakeSocket[] = [];
  tickets = 0;

  readonly takeTicket = (): Promise<ChatTicket> => {
    this.tickets += 1;
    return Promise.resolve({
      ticket: `ticket-${this.tickets}`,
      chatUrl: 'ws://chat.test',
      viewerId: 'viewer',
      role: 'viewer',
      expiresIn: 60,
    });
  };

  readonly makeSocket = (url: string): FakeSocket => {
    const socket = new FakeSocket(url);
    this.sockets.push(socket);
    return socket;
  };

  get newest(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('no socket was made');
    return socket;
  }
}
