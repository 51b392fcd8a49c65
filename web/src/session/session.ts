/**
 * Who is signed in on this page.
 *
 * The access token lives in memory alone. The refresh token lies in `sessionStorage`, so that a
 * reload keeps the person signed in and closing the tab forgets them.
 */

import { CognitoPool, SignInError, type Tokens } from './cognito.js';

const REFRESH_KEY = 'ayinel.refresh';
/** Renew this long before the token ends. */
const EARLY_MILLISECONDS = 60_000;

export interface Person {
  readonly userId: string;
  readonly name: string;
}

export class Session extends EventTarget {
  #accessToken: string | undefined;
  #expiresAt = 0;
  #renewing: Promise<void> | undefined;

  constructor(
    private readonly pool: CognitoPool,
    private readonly storage: Storage = sessionStorage,
  ) {
    super();
  }

  get person(): Person | undefined {
    return this.#accessToken === undefined ? undefined : personOf(this.#accessToken);
  }

  /** Take up the session of this tab after a reload; quietly nobody when there is none. */
  async restore(): Promise<void> {
    if (this.storage.getItem(REFRESH_KEY) !== null) await this.#renew().catch(() => undefined);
  }

  /** Make an account; false says that a mailed code has to confirm it first. */
  async signUp(email: string, password: string, name: string): Promise<boolean> {
    return (await this.pool.signUp(email, password, name)).confirmed;
  }

  async confirm(name: string, code: string): Promise<void> {
    await this.pool.confirm(name, code);
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#take(await this.pool.signIn(name, password));
  }

  async signOut(): Promise<void> {
    const refreshToken = this.storage.getItem(REFRESH_KEY);
    this.#forget();
    if (refreshToken !== null) await this.pool.revoke(refreshToken).catch(() => undefined);
  }

  /** The bearer token, renewed when it is about to end; undefined when nobody is signed in. */
  async token(): Promise<string | undefined> {
    if (this.#accessToken !== undefined && Date.now() > this.#expiresAt - EARLY_MILLISECONDS) {
      await this.#renew();
    }
    return this.#accessToken;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<void> {
    const refreshToken = this.storage.getItem(REFRESH_KEY);
    if (refreshToken === null) {
      this.#forget();
      return;
    }
    try {
      this.#take(await this.pool.refresh(refreshToken));
    } catch (error) {
      // A refused refresh token is over; an unreachable pool is not.
      if (error instanceof SignInError) this.#forget();
      throw error;
    }
  }

  #take(tokens: Tokens): void {
    this.#accessToken = tokens.accessToken;
    this.#expiresAt = Date.now() + tokens.expiresInSeconds * 1000;
    if (tokens.refreshToken !== undefined) this.storage.setItem(REFRESH_KEY, tokens.refreshToken);
    this.dispatchEvent(new Event('change'));
  }

  #forget(): void {
    this.#accessToken = undefined;
    this.#expiresAt = 0;
    this.storage.removeItem(REFRESH_KEY);
    this.dispatchEvent(new Event('change'));
  }
}

function personOf(token: string): Person | undefined {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const userId = String(claims['sub'] ?? '');
    const name = claims['name'] ?? claims['preferred_username'] ?? claims['username'] ?? userId;
    return { userId, name: String(name) };
  } catch {
    return undefined;
  }
}
