/** Tickets: each opens one connection. */

import { ProblemError, type ApiClient } from '../api/http.js';
import { ChatRefusedError, type ChatTicket } from './chat-client.js';

const VIEWER_KEY = 'ayinel.viewer';
const REFUSED = new Set([401, 403, 404]);

/**
 * Ask for a ticket.
 *
 * @throws ChatRefusedError Another one would be refused too.
 */
export async function takeTicket(api: ApiClient, streamId: string): Promise<ChatTicket> {
  try {
    const answer = await api.call<ChatTicket & { viewerToken?: string | null }>(
      `/${streamId}/chat-ticket`,
      { method: 'POST', body: { viewerToken: localStorage.getItem(VIEWER_KEY) } },
    );
    // Opens nothing: it only lets somebody who is not signed in be counted once, tabs and all.
    if (answer.viewerToken) localStorage.setItem(VIEWER_KEY, answer.viewerToken);
    return answer;
  } catch (error) {
    if (error instanceof ProblemError && REFUSED.has(error.problem.status)) {
      throw new ChatRefusedError(error.message);
    }
    throw error;
  }
}
