/** What every page shares: words, configuration, session, header with sign-in, one place for faults. */

import { html, render, type TemplateResult } from 'lit';

import { ApiClient } from '../api/http.js';
import { faultWords } from '../api/words.js';
import { loadConfig, type LiveConfig } from '../config.js';
import { Session } from '../session/session.js';
import { language, loadStrings, text } from '../strings/strings.js';

export interface Shell {
  readonly config: LiveConfig;
  readonly api: ApiClient;
  readonly session: Session;
  /** Draw the page's content. */
  readonly show: (content: TemplateResult) => void;
}

export interface PageOptions {
  /** Gives the page's title, once the words are loaded. */
  readonly title: () => string;
  /** Whether the page needs the studio's words too. */
  readonly isForCreators?: boolean;
  readonly run: (shell: Shell) => Promise<void>;
}

/** Start a page: header first, so that it is never blank, then `run`. */
export async function startPage(options: PageOptions): Promise<void> {
  document.documentElement.lang = language();
  // Asked for beside the words, not after them; a fault is shown where it is awaited.
  const loadingConfig = loadConfig();
  loadingConfig.catch(() => undefined);
  try {
    await loadStrings('watch', ...(options.isForCreators ? (['studio'] as const) : []));
  } catch {
    document.body.textContent = 'This page could not be loaded. Check the connection and reload it.';
    return;
  }
  document.title = `${options.title()} · ${text('appName')}`;
  let content: TemplateResult = html`<p role="status" class="muted">${text('loading')}</p>`;
  let session: Session | undefined;
  const draw = (): void => {
    render(frame(content, session), document.body);
  };
  const show = (shown: TemplateResult): void => {
    content = shown;
    draw();
  };
  draw();
  try {
    const config = await loadingConfig;
    session = new Session(config);
    session.addEventListener('change', draw);
    await session.restore();
    const signedIn = session;
    document.addEventListener('live-sign-in', () => void openSignIn(signedIn));
    const api = new ApiClient(config.apiUrl, () => signedIn.token());
    draw();
    await options.run({ config, api, session, show });
  } catch (error) {
    show(faultOf(error));
  }
}

/** Ask whoever is at the page to sign in: the dialog is loaded when it is first needed. */
export function askToSignIn(): void {
  document.dispatchEvent(new Event('live-sign-in'));
}

async function openSignIn(session: Session): Promise<void> {
  if (session.redirectsToSignIn) {
    await session.redirectToSignIn();
    return;
  }
  await Promise.all([loadStrings('account'), import('../elements/live-sign-in.js')]);
  let dialog = document.querySelector('live-sign-in');
  if (dialog === null) {
    dialog = document.createElement('live-sign-in');
    dialog.session = session;
    document.body.append(dialog);
  }
  await dialog.updateComplete;
  dialog.open();
}

function frame(content: TemplateResult, session: Session | undefined): TemplateResult {
  const link = (href: string, label: string): TemplateResult =>
    html`<a href=${href} aria-current=${location.pathname === href ? 'page' : 'false'}>${label}</a>`;
  return html`<a class="skip" href="#content">${text('skipToContent')}</a>
    <header class="site-header">
      <a class="brand" href="/">${text('appName')}</a>
      <nav aria-label=${text('appName')}>
        ${link('/', text('browse'))} ${link('/studio', text('studio'))}
        ${link('/dashboard', text('dashboard'))}
      </nav>
      <div class="who">${session === undefined ? '' : whoIs(session)}</div>
    </header>
    <main id="content" tabindex="-1">${content}</main>`;
}

function whoIs(session: Session): TemplateResult {
  const { person } = session;
  if (person === undefined) {
    return html`<button class="primary" @click=${askToSignIn}>${text('signIn')}</button>`;
  }
  return html`<span class="name" title=${text('signedInAs', { name: person.name })}
      ><bdi>${person.name}</bdi></span
    >
    <button @click=${() => void session.signOut()}>${text('signOut')}</button>`;
}

/** A fault as a person should read it. */
export function faultOf(error: unknown): TemplateResult {
  return html`<div class="fault" role="alert">
    <p>${faultWords(error)}</p>
    <button @click=${() => location.reload()}>${text('retry')}</button>
  </div>`;
}
