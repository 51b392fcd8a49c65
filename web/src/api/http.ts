/** Calls of the HTTP API; faults are problem objects (RFC 9457). */

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code?: string;
  readonly detail?: string;
  readonly retryAfterSeconds?: number;
  readonly [member: string]: unknown;
}

export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** The network failed; there is no answer to translate. */
export class UnreachableError extends Error {}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

export class ApiClient {
  readonly #base: string;
  readonly #token: () => Promise<string | undefined>;

  /**
   * @param base The API's base, ending in `/api/v1/live`.
   * @param token Gives the bearer token of who is signed in, renewed where needed.
   */
  constructor(base: string, token: () => Promise<string | undefined>) {
    this.#base = base.replace(/\/$/, '');
    this.#token = token;
  }

  async call<T>(path: string, options: CallOptions = {}): Promise<T> {
    const token = await this.#token();
    const headers: Record<string, string> = { accept: 'application/json', ...options.headers };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    let response: Response;
    try {
      response = await fetch(this.#base + path, {
        method: options.method ?? 'GET',
        headers,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        credentials: 'omit',
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new UnreachableError('The service cannot be reached.', { cause: error });
    }
    if (!response.ok) throw new ProblemError(await problemOf(response));
    if (response.status === 204) return undefined as T;
    const type = response.headers.get('content-type') ?? '';
    return (type.includes('json') ? await response.json() : await response.text()) as T;
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = { type: 'about:blank', title: response.statusText || 'Error', status: response.status };
  try {
    const body = (await response.json()) as Partial<Problem>;
    return { ...fallback, ...body, status: response.status };
  } catch {
    return fallback;
  }
}
