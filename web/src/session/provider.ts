/** What signs people in: the stack's Cognito pool, or an OpenID Connect issuer. */

/** Where a sign-in at an issuer waits while the page is away. */
export const PENDING_KEY = 'ayinel.sign-in';

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresInSeconds: number;
}

export interface IdentityProvider {
  refresh(refreshToken: string): Promise<Tokens>;
  revoke(refreshToken: string): Promise<void>;
}

/** A provider's no: its own name of the fault, such as `NotAuthorizedException`, and its sentence. */
export class SignInError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
