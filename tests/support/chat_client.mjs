// One viewer on the pages' own chat client, in Node. A line of JSON in is a command, a line out an
// event; `node chat_client.mjs` takes one JSON object: where the compiled client and its WebSocket
// are, and what the client is to do.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { client: clientUrl, modules, apiUrl, streamId, token, renewMilliseconds } = JSON.parse(
  process.argv[2],
);
const { ChatClient } = await import(clientUrl);
const { WebSocket } = createRequire(modules)('ws');

let viewerToken;
let socket;

async function takeTicket() {
  const answer = await fetch(`${apiUrl}/${streamId}/chat-ticket`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(viewerToken ? { viewerToken } : {}),
  });
  if (!answer.ok) throw new Error(`no ticket: ${answer.status}`);
  const ticket = await answer.json();
  viewerToken = ticket.viewerToken;
  return ticket;
}

function makeSocket(url) {
  socket = new WebSocket(url);
  return socket;
}

const tell = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const chat = new ChatClient({ streamId, takeTicket, makeSocket, ...(renewMilliseconds ? { renewMilliseconds } : {}) });
chat.on('*', tell);

for await (const line of createInterface({ input: process.stdin })) {
  const { emit, ...members } = JSON.parse(line);
  if (emit === 'open') chat.open();
  else if (emit === 'break') socket?.terminate();
  else tell({ type: 'emitted', clientMessageId: chat.emit(emit, members) });
}
chat.close();
