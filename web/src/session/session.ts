/**
 * Who is signed in on this page.
 *
 * The access token lives in memory alone. The refresh token lies in `sessionStorage`, so that a
 * reload keeps the person signed in and closing the tab forgets them.
 */

import type { LiveConfig } from '../config.js';
import type { CognitoPool } from './cognito.js';
import type { OidcIssuer } from './oidc.js';
import { PENDING_KEY, SignInError, type IdentityProvider, type Tokens } from './provider.js';

const REFRESH_KEY = 'ayinel.refresh';
/** Renew this long before the token ends. */
const EARLY_MILLISECONDS = 60_000;

export interface Person {
  readonly userId: string;
  readonly name: string;
}

export class Session extends EventTarget {
  #accessToken: string | undefined;
  #person: Person | undefined;
  #expiresAt = 0;
  #renewing: Promise<void> | undefined;

  /**
   * @param config Says who signs people in; its code is loaded when somebody does.
   * @param storage Keeps the refresh token.
   */
  constructor(
    private readonly config: LiveConfig,
    private readonly storage: Storage = sessionStorage,
  ) {
    super();
  }

  /** Whether signing in happens on the issuer's own pages. */
  get redirectsToSignIn(): boolean {
    return this.config.oidcIssuer !== undefined;
  }

  async redirectToSignIn(): Promise<void> {
    await (await this.#issuer()).leave();
  }

  /** Who is signed in: the same object until it is somebody else, so that nothing starts anew. */
  get person(): Person | undefined {
    return this.#person;
  }

  /** Take up the session of this tab after a reload; quietly nobody when there is none. */
  async restore(): Promise<void> {
    if (this.storage.getItem(REFRESH_KEY) !== null) await this.#renew().catch(() => undefined);
    else if (this.redirectsToSignIn && this.storage.getItem(PENDING_KEY) !== null) {
      const tokens = await (await this.#issuer()).comeBack();
      if (tokens !== undefined) this.#take(tokens);
    }
  }

  /** Make an account; false says that a mailed code has to confirm it first. */
  async signUp(email: string, password: string, name: string): Promise<boolean> {
    return (await (await this.#pool()).signUp(email, password, name)).confirmed;
  }

  async confirm(name: string, code: string): Promise<void> {
    await (await this.#pool()).confirm(name, code);
  }

  async sendCodeAgain(name: string): Promise<void> {
    await (await this.#pool()).sendCodeAgain(name);
  }

  async signIn(name: string, password: string): Promise<void> {
    this.#take(await (await this.#pool()).signIn(name, password));
  }

  async signOut(): Promise<void> {
    const refreshToken = this.storage.getItem(REFRESH_KEY);
    this.#forget();
    if (refreshToken === null) return;
    const provider = await this.#provider();
    await provider.revoke(refreshToken).catch(() => undefined);
  }

  /** The bearer token, renewed when it is about to end; undefined when nobody is signed in. */
  async token(): Promise<string | undefined> {
    if (this.#accessToken !== undefined && Date.now() > this.#expiresAt - EARLY_MILLISECONDS) {
      await this.#renew().catch((error: unknown) => {
        // What cannot be renewed yet still holds for a while.
        if (this.#accessToken !== undefined && Date.now() > this.#expiresAt) throw error;
      });
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
    // Whoever signed out meanwhile stays so, and whoever signed in anew.
    const isCurrent = (): boolean => this.storage.getItem(REFRESH_KEY) === refreshToken;
    try {
      const tokens = await (await this.#provider()).refresh(refreshToken);
      if (isCurrent()) this.#take(tokens);
    } catch (error) {
      // A refused refresh token is over; an unreachable pool is not.
      if (error instanceof SignInError && isCurrent()) this.#forget();
      throw error;
    }
  }

  #provider(): Promise<IdentityProvider> {
    return this.redirectsToSignIn ? this.#issuer() : this.#pool();
  }

  async #pool(): Promise<CognitoPool> {
    const { region, cognitoEndpoint, userPoolClientId } = this.config;
    const { CognitoPool } = await import('./cognito.js');
    return new CognitoPool(
      cognitoEndpoint ?? `https://cognito-idp.${region}.amazonaws.com/`,
      userPoolClientId ?? '',
    );
  }

  async #issuer(): Promise<OidcIssuer> {
    const { OidcIssuer } = await import('./oidc.js');
    return new OidcIssuer(this.config.oidcIssuer ?? '', this.config.oidcClientId ?? '', this.storage);
  }

  #take(tokens: Tokens): void {
    this.#accessToken = tokens.accessToken;
    const person = personOf(tokens.accessToken);
    const isSame = person?.userId === this.#person?.userId && person?.name === this.#person?.name;
    if (!isSame) this.#person = person;
    this.#expiresAt = Date.now() + tokens.expiresInSeconds * 1000;
    if (tokens.refreshToken !== undefined) this.storage.setItem(REFRESH_KEY, tokens.refreshToken);
    this.dispatchEvent(new Event('change'));
  }

  #forget(): void {
    this.#accessToken = undefined;
    this.#person = undefined;
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
