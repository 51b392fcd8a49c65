/**
 * Signing in at an OpenID Connect issuer: authorization code with PKCE (RFC 7636), no client secret.
 *
 * The page leaves for the issuer and comes back with a code; the verifier waits in `sessionStorage`
 * and is taken out before the code is used, as the code is taken out of the address.
 */

import { PENDING_KEY, SignInError, type IdentityProvider, type Tokens } from './provider.js';

const VERIFIER_BYTES = 48;
/** Some issuers say this in the form of a refusal, with an `error` of their own. */
const TOO_MANY_REQUESTS = 429;

interface Discovery {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  readonly revocation_endpoint?: string;
}

interface Pending {
  readonly state: string;
  readonly verifier: string;
  readonly returnTo: string;
}

export class OidcIssuer implements IdentityProvider {
  #discovery: Promise<Discovery> | undefined;

  constructor(
    private readonly issuer: string,
    private readonly clientId: string,
    private readonly storage: Storage = sessionStorage,
  ) {}

  /** Leave for the issuer's page; it comes back to the page's origin. */
  async leave(): Promise<void> {
    const { authorization_endpoint: endpoint } = await this.#endpoints();
    const pending: Pending = {
      state: randomText(),
      verifier: randomText(),
      returnTo: location.pathname + location.search,
    };
    this.storage.setItem(PENDING_KEY, JSON.stringify(pending));
    const url = new URL(endpoint);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: this.clientId,
      redirect_uri: `${location.origin}/`,
      scope: 'openid profile offline_access',
      state: pending.state,
      code_challenge: await challengeOf(pending.verifier),
      code_challenge_method: 'S256',
    }).toString();
    location.assign(url);
  }

  /**
   * Take up the code with which the issuer sent the page back; undefined when there is none.
   *
   * The issuer knows one address of ours, so whoever left from another page is sent on there, and
   * the tokens wait in the storage for as long as that takes.
   */
  async comeBack(): Promise<Tokens | undefined> {
    const stored = this.storage.getItem(PENDING_KEY);
    this.storage.removeItem(PENDING_KEY);
    const pending = JSON.parse(stored ?? '{}') as Partial<Pending & { tokens: Tokens }>;
    if (pending.tokens !== undefined) return pending.tokens;
    const query = new URLSearchParams(location.search);
    // An answer that another page asked for is not ours (RFC 6749, section 10.12).
    if (pending.verifier === undefined || query.get('state') !== pending.state) return undefined;
    const returnTo = pending.returnTo ?? '/';
    history.replaceState(null, '', location.pathname);
    const tokens = await this.#answered(query, pending.verifier);
    if (new URL(returnTo, location.href).pathname === location.pathname) {
      history.replaceState(null, '', returnTo);
      return tokens;
    }
    if (tokens !== undefined) this.storage.setItem(PENDING_KEY, JSON.stringify({ tokens }));
    location.replace(returnTo);
    return new Promise(() => undefined);
  }

  /** The tokens for the issuer's answer; undefined where the person said no. */
  async #answered(query: URLSearchParams, verifier: string): Promise<Tokens | undefined> {
    const fault = query.get('error');
    if (fault === 'access_denied') return undefined;
    if (fault !== null) throw new SignInError(fault, query.get('error_description') ?? fault);
    return this.#tokens({
      grant_type: 'authorization_code',
      code: query.get('code') ?? '',
      redirect_uri: `${location.origin}/`,
      code_verifier: verifier,
    });
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return this.#tokens({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  async revoke(refreshToken: string): Promise<void> {
    const { revocation_endpoint: endpoint } = await this.#endpoints();
    if (endpoint === undefined) return;
    const body = new URLSearchParams({ client_id: this.clientId, token: refreshToken });
    await fetch(endpoint, { method: 'POST', body, credentials: 'omit' });
  }

  async #tokens(parameters: Record<string, string>): Promise<Tokens> {
    const { token_endpoint: endpoint } = await this.#endpoints();
    const body = new URLSearchParams({ client_id: this.clientId, ...parameters });
    const response = await fetch(endpoint, { method: 'POST', body, credentials: 'omit' });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok || typeof answer['access_token'] !== 'string') {
      const code = String(answer['error'] ?? response.status);
      const words = String(answer['error_description'] ?? code);
      // Only the issuer's own no ends a session (RFC 6749, section 5.2).
      const { status } = response;
      if (answer['error'] === undefined || status === TOO_MANY_REQUESTS || status >= 500) {
        throw new Error(words);
      }
      throw new SignInError(code, words);
    }
    return {
      accessToken: answer['access_token'],
      expiresInSeconds: Number(answer['expires_in'] ?? 300),
      ...(typeof answer['refresh_token'] === 'string'
        ? { refreshToken: answer['refresh_token'] }
        : {}),
    };
  }

  #endpoints(): Promise<Discovery> {
    this.#discovery ??= fetch(
      `${this.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    ).then((response) => response.json() as Promise<Discovery>);
    return this.#discovery;
  }
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(VERIFIER_BYTES)));
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return base64Url(new Uint8Array(digest));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
