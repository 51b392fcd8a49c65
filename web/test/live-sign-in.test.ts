// @vitest-environment happy-dom

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { LiveSignIn } from '../src/elements/live-sign-in.js';
import '../src/elements/live-sign-in.js';
import { SignInError } from '../src/session/provider.js';
import type { Session } from '../src/session/session.js';

describe('live-sign-in', () => {
  let element: LiveSignIn;
  /** Of the account: whether its mailed code was given, and what the pool says to a new one. */
  let isConfirmed: boolean;
  let resend: () => Promise<void>;

  const session = {
    signIn: async () => {
      if (!isConfirmed) throw new SignInError('UserNotConfirmedException', 'Not confirmed.');
    },
    confirm: async () => {
      isConfirmed = true;
    },
    sendCodeAgain: () => resend(),
  } as unknown as Session;

  const inside = <Kind extends Element>(selector: string): Kind | null | undefined =>
    element.shadowRoot?.querySelector<Kind>(selector);
  const submit = async (values: Record<string, string>): Promise<void> => {
    for (const [name, value] of Object.entries(values)) {
      const field = inside<HTMLInputElement>(`input[name=${name}]`);
      if (field) field.value = value;
    }
    inside('form')?.dispatchEvent(new Event('submit', { cancelable: true }));
    // All that the dialog does by itself is done by then: nothing here waits for anything.
    await new Promise((done) => setTimeout(done));
  };

  beforeEach(async () => {
    isConfirmed = false;
    element = document.createElement('live-sign-in');
    element.session = session;
    document.body.append(element);
    await element.updateComplete;
    element.open();
    await element.updateComplete;
  });

  afterEach(() => element.remove());

  it('takes the code that was mailed before, where the pool sends no more of them', async () => {
    resend = () => Promise.reject(new SignInError('LimitExceededException', 'Try again later.'));
    await submit({ name: 'owen', password: 'secret' });
    expect(inside('[role=alert]')?.textContent).toContain('Try again later.');
    expect(inside('input[name=code]')).not.toBeNull();
    await submit({ code: '123456' });
    expect(isConfirmed).toBe(true);
    expect(inside<HTMLDialogElement>('dialog')?.open).toBe(false);
  });
});
