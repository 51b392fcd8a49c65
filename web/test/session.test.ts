import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Session } from '../src/session/session.js';

const HOUR_SECONDS = 3600;
const MINUTE = 60_000;

/** Answers as the pool does; what is asked of it is kept. */
class FakePool {
  readonly asked: { operation: string; body: Record<string, unknown> }[] = [];
  answers: Record<string, () => Response | Promise<Response>> = {};
  #tokens = 0;

  fetch = async (_: string, init: RequestInit): Promise<Response> => {
    const operation = String((init.headers as Record<string, string>)['x-amz-target']).split('.')[1] ?? '';
    this.asked.push({ operation, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    return this.answers[operation]?.() ?? this.signedIn();
  };

  count(operation: string): number {
    return this.asked.filter((one) => one.operation === operation).length;
  }

  signedIn(username = 'ada', refreshToken = 'refresh-1'): Response {
    this.#tokens += 1;
    const claims = btoa(JSON.stringify({ sub: `u-${username}`, username, n: this.#tokens }));
    const tokens = { AccessToken: `h.${claims}.s`, RefreshToken: refreshToken, ExpiresIn: HOUR_SECONDS };
    return Response.json({ AuthenticationResult: tokens });
  }
}

class FakeStorage {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

const refused = (code: string, status = 400) => (): Response =>
  Response.json({ __type: code, message: `says ${code}` }, { status });

describe('Session', () => {
  let pool: FakePool;
  let storage: FakeStorage;
  let session: Session;

  const opened = (): Session =>
    new Session(
      { apiUrl: '', region: 'eu-west-1', cognitoEndpoint: 'http://pool/', userPoolClientId: 'pages' },
      storage as unknown as Storage,
    );

  beforeEach(() => {
    vi.useFakeTimers();
    pool = new FakePool();
    storage = new FakeStorage();
    vi.stubGlobal('fetch', pool.fetch);
    session = opened();
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('renews the token once, before it ends, however many ask, and stays the same person', async () => {
    await session.signIn('ada', 'secret');
    const { person } = session;
    const first = await session.token();
    expect(person).toEqual({ userId: 'u-ada', name: 'ada' });
    vi.advanceTimersByTime(HOUR_SECONDS * 1000 - MINUTE + 1000);
    const renewed = await Promise.all([session.token(), session.token(), session.token()]);
    expect(pool.count('InitiateAuth')).toBe(2);
    expect(new Set(renewed).size).toBe(1);
    expect(renewed[0]).not.toBe(first);
    expect(session.person).toBe(person);
  });

  it('keeps no access token in the storage, and nothing once one has signed out', async () => {
    await session.signIn('ada', 'secret');
    const token = (await session.token()) ?? '';
    expect([...storage.kept.values()]).toEqual(['refresh-1']);
    expect([...storage.kept.values()].join()).not.toContain(token);
    await session.signOut();
    expect(storage.kept.size).toBe(0);
    expect(pool.asked.at(-1)).toMatchObject({ operation: 'RevokeToken', body: { Token: 'refresh-1' } });
    expect(await session.token()).toBeUndefined();
  });

  it('goes on with the token it has while the pool cannot renew it, until it ends', async () => {
    await session.signIn('ada', 'secret');
    const token = await session.token();
    vi.advanceTimersByTime(HOUR_SECONDS * 1000 - MINUTE / 2);
    const faults = [
      refused('TooManyRequestsException'),
      refused('InternalErrorException', 500),
      () => Promise.reject(new TypeError('Failed to fetch')),
    ];
    for (const fault of faults) {
      pool.answers = { InitiateAuth: fault };
      expect(await session.token()).toBe(token);
    }
    vi.advanceTimersByTime(MINUTE);
    for (const fault of faults) {
      pool.answers = { InitiateAuth: fault };
      await expect(session.token()).rejects.toThrow();
      expect(session.person?.name, 'signed out by a fault of the pool').toBe('ada');
    }
    pool.answers = {};
    expect(await session.token()).not.toBe(token);
  });

  it('is over when the refresh token is refused, and goes on as nobody', async () => {
    await session.signIn('ada', 'secret');
    pool.answers = { InitiateAuth: refused('NotAuthorizedException') };
    let changes = 0;
    session.addEventListener('change', () => (changes += 1));
    vi.advanceTimersByTime(HOUR_SECONDS * 1000);
    expect(await session.token()).toBeUndefined();
    expect(session.person).toBeUndefined();
    expect(changes).toBe(1);
    expect(storage.kept.size).toBe(0);
  });

  it('stays over, or somebody else, when a renewal is answered late', async () => {
    for (const late of [() => pool.signedIn(), refused('NotAuthorizedException')]) {
      for (const next of ['nobody', 'bob']) {
        await session.signIn('ada', 'secret');
        vi.advanceTimersByTime(HOUR_SECONDS * 1000);
        let answer = (): void => undefined;
        const asked = new Promise<void>((told) => {
          pool.answers = {
            InitiateAuth: () => {
              told();
              return new Promise((resolve) => (answer = () => resolve(late())));
            },
          };
        });
        const token = session.token().catch(() => undefined);
        await asked;
        pool.answers = {};
        await session.signOut();
        if (next === 'bob') {
          pool.answers = { InitiateAuth: () => pool.signedIn('bob', 'refresh-of-bob') };
          await session.signIn('bob', 'secret');
        }
        answer();
        await token;
        expect(session.person?.name ?? 'nobody').toBe(next);
        expect([...storage.kept.values()]).toEqual(next === 'bob' ? ['refresh-of-bob'] : []);
        pool.answers = {};
      }
    }
  });

  it('is ended by an issuer’s own no, and by none that only says that it is busy', async () => {
    const config = { apiUrl: '', region: '', oidcIssuer: 'http://issuer', oidcClientId: 'pages' };
    const answers: [number, object, string[]][] = [
      [429, { error: 'too_many_requests' }, ['refresh-1']],
      [503, { error: 'temporarily_unavailable' }, ['refresh-1']],
      [502, {}, ['refresh-1']],
      [403, { error: 'invalid_grant' }, []],
      [400, { error: 'invalid_grant' }, []],
    ];
    for (const [status, body, kept] of answers) {
      vi.stubGlobal('fetch', (url: string) =>
        Promise.resolve(
          url.endsWith('openid-configuration')
            ? Response.json({ token_endpoint: 'http://issuer/token' })
            : Response.json(body, { status }),
        ),
      );
      storage.setItem('ayinel.refresh', 'refresh-1');
      await new Session(config, storage as unknown as Storage).restore();
      expect([...storage.kept.values()], `${status}`).toEqual(kept);
    }
  });

  it('takes up the session of a tab after a reload', async () => {
    await session.signIn('ada', 'secret');
    const reloaded = opened();
    await reloaded.restore();
    expect(reloaded.person?.name).toBe('ada');
    expect(pool.asked.at(-1)?.body).toMatchObject({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: 'refresh-1' },
    });
  });
});
