/** The few Cognito calls that signing up and in take, as plain fetches: the SDK would be 40 KB. */

import { SignInError, type IdentityProvider, type Tokens } from './provider.js';

interface AuthenticationResult {
  AuthenticationResult?: { AccessToken: string; RefreshToken?: string; ExpiresIn: number };
  ChallengeName?: string;
}

/** Faults of the pool, not of what was asked: the same call may be answered later. */
const NOT_NOW = new Set(['TooManyRequestsException', 'InternalErrorException']);

export class CognitoPool implements IdentityProvider {
  constructor(
    private readonly endpoint: string,
    private readonly clientId: string,
  ) {}

  async signUp(email: string, password: string, name: string): Promise<{ confirmed: boolean }> {
    const answer = await this.#call<{ UserConfirmed?: boolean }>('SignUp', {
      ClientId: this.clientId,
      Username: name,
      Password: password,
      UserAttributes: [{ Name: 'email', Value: email }],
    });
    return { confirmed: answer.UserConfirmed === true };
  }

  async confirm(name: string, code: string): Promise<void> {
    await this.#call('ConfirmSignUp', {
      ClientId: this.clientId,
      Username: name,
      ConfirmationCode: code,
    });
  }

  /** Have another code mailed; the former one ends. */
  async sendCodeAgain(name: string): Promise<void> {
    await this.#call('ResendConfirmationCode', { ClientId: this.clientId, Username: name });
  }

  /** `name` is the user name or the mail address. */
  signIn(name: string, password: string): Promise<Tokens> {
    return this.#authenticate('USER_PASSWORD_AUTH', { USERNAME: name, PASSWORD: password });
  }

  refresh(refreshToken: string): Promise<Tokens> {
    return this.#authenticate('REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: refreshToken });
  }

  async revoke(refreshToken: string): Promise<void> {
    await this.#call('RevokeToken', { ClientId: this.clientId, Token: refreshToken });
  }

  async #authenticate(flow: string, parameters: Record<string, string>): Promise<Tokens> {
    const answer = await this.#call<AuthenticationResult>('InitiateAuth', {
      ClientId: this.clientId,
      AuthFlow: flow,
      AuthParameters: parameters,
    });
    const result = answer.AuthenticationResult;
    if (result === undefined) {
      throw new SignInError(answer.ChallengeName ?? 'Challenge', 'This account needs another step.');
    }
    return {
      accessToken: result.AccessToken,
      expiresInSeconds: result.ExpiresIn,
      ...(result.RefreshToken === undefined ? {} : { refreshToken: result.RefreshToken }),
    };
  }

  async #call<T>(operation: string, body: unknown): Promise<T> {
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      },
      body: JSON.stringify(body),
      credentials: 'omit',
    });
    const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!response.ok) {
      const code = String(answer['__type'] ?? 'Error').split('#').pop() ?? 'Error';
      const words = String(answer['message'] ?? answer['Message'] ?? code);
      if (response.status >= 500 || NOT_NOW.has(code)) throw new Error(words);
      throw new SignInError(code, words);
    }
    return answer as T;
  }
}
