/** What every page shares: configuration, session, header with sign-in, and one place for faults. */

import { html, render, type TemplateResult } from 'lit';

import { ApiClient, ProblemError, UnreachableError } from '../api/http.js';
import { loadConfig, type LiveConfig } from '../config.js';
import { CognitoPool } from '../session/cognito.js';
import { Session } from '../session/session.js';
import { language, text } from '../strings/strings.js';
import '../elements/live-sign-in.js';

export interface Shell {
  readonly config: LiveConfig;
  readonly api: ApiClient;
  readonly session: Session;
  /** Draw the page's content. */
  readonly show: (content: TemplateResult) => void;
}

/** Start a page: header first, so that it is never blank, then `run`. */
export async function startPage(title: string, run: (shell: Shell) => Promise<void>): Promise<void> {
  document.documentElement.lang = language();
  document.title = `${title} · ${text('appName')}`;
  const root = document.body;
  const draw = (content: TemplateResult, session?: Session): void => {
    render(
      html`<a class="skip" href="#content">${text('skipToContent')}</a>
        <header class="site-header">
          <a class="brand" href="/">${text('appName')}</a>
          <nav aria-label=${text('appName')}>
            <a href="/">${text('browse')}</a>
            <a href="/studio">${text('studio')}</a>
            <a href="/dashboard">${text('dashboard')}</a>
          </nav>
          ${session === undefined
            ? ''
            : html`<live-sign-in .session=${session}></live-sign-in>`}
        </header>
        <main id="content" tabindex="-1">${content}</main>`,
      root,
    );
  };
  draw(html`<p role="status" class="muted">${text('loading')}</p>`);
  try {
    const config = await loadConfig();
    const region = config.region;
    const pool = new CognitoPool(
      config.cognitoEndpoint ?? `https://cognito-idp.${region}.amazonaws.com/`,
      config.userPoolClientId ?? '',
    );
    const session = new Session(pool);
    await session.restore();
    const api = new ApiClient(config.apiUrl, () => session.token());
    await run({ config, api, session, show: (content) => draw(content, session) });
  } catch (error) {
    draw(faultOf(error));
  }
}

/** A fault as a person should read it. */
export function faultOf(error: unknown): TemplateResult {
  const words =
    error instanceof UnreachableError
      ? text('unreachable')
      : error instanceof ProblemError && error.problem.status === 404
        ? text('notFound')
        : text('somethingFailed', { detail: error instanceof Error ? error.message : String(error) });
  return html`<div class="fault" role="alert">
    <p>${words}</p>
    <button @click=${() => location.reload()}>${text('retry')}</button>
  </div>`;
}
