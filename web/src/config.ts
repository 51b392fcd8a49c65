/** Where the platform is: read once from `config.json`, which the deployment writes. */

export interface LiveConfig {
  /** The API's base, ending in `/api/v1/live`. */
  readonly apiUrl: string;
  readonly region: string;
  readonly userPoolId?: string;
  readonly userPoolClientId?: string;
  /** The Cognito API; absent on AWS, where it follows from the region. */
  readonly cognitoEndpoint?: string;
  /** An OpenID Connect issuer that takes the place of the pool. */
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  /** The script of the Amazon IVS player, where the operator gives it. */
  readonly ivsPlayerUrl?: string;
}

let loading: Promise<LiveConfig> | undefined;

export function loadConfig(): Promise<LiveConfig> {
  loading ??= fetch('/config.json').then((response) => {
    if (!response.ok) throw new Error(`config.json answered ${response.status}`);
    return response.json() as Promise<LiveConfig>;
  });
  return loading;
}
