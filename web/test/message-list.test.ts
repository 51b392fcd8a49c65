import { describe, expect, it } from 'vitest';

import { MessageList, SHOWN_MESSAGES } from '../src/chat/message-list.js';

const shown = (id: string, more: Record<string, unknown> = {}) => ({
  type: 'message',
  id,
  userId: 'someone',
  displayName: 'Someone',
  role: 'viewer',
  message: `text of ${id}`,
  timestamp: '2026-01-01T00:00:00Z',
  version: 1,
  ...more,
});
/** Ids sort as messages were sent. */
const idOf = (number: number) => `m${String(number).padStart(6, '0')}`;
const own = { clientMessageId: 'mine', userId: 'me', displayName: 'Me', text: 'hello' };

describe('MessageList', () => {
  it('settles an own message in place whatever the order of answers', () => {
    for (const order of [
      ['message-accepted', 'message'],
      ['message', 'message-accepted'],
    ]) {
      const list = new MessageList();
      list.addOwn(own);
      for (const type of order) list.apply(shown('a', { type, clientMessageId: 'mine' }));
      expect(list.messages).toHaveLength(1);
      expect(list.messages[0]).toMatchObject({ key: 'mine', id: 'a', state: 'shown' });
    }
  });

  it('puts what was missed before what came live meanwhile', () => {
    const list = new MessageList();
    for (const id of ['a', 'd']) list.apply(shown(id));
    list.addOwn(own);
    for (const id of ['c', 'b', 'e']) list.apply(shown(id));
    expect(list.messages.map((message) => message.id)).toEqual(['a', 'b', 'c', 'd', undefined, 'e']);
  });

  it('settles an own message by a page of history, and shows it once', () => {
    const list = new MessageList();
    list.addOwn(own);
    list.addHistory([shown('a', { clientMessageId: 'mine' }), shown('b', { clientMessageId: 'other' })]);
    const states = list.messages.map(({ id, state }) => `${id} ${state}`);
    expect(states.sort()).toEqual(['a shown', 'b shown']);
  });

  it('lets nobody overwrite a message by its client id', () => {
    const list = new MessageList();
    list.addOwn(own);
    list.apply(shown('a', { clientMessageId: 'mine', userId: 'me' }));
    list.apply(shown('b', { clientMessageId: 'mine', userId: 'mallory' }));
    expect(list.messages.map(({ id, userId }) => [id, userId])).toEqual([['a', 'me'], ['b', 'mallory']]);
  });

  it('leaves out what was taken down while its page of history was on the way', () => {
    const list = new MessageList();
    list.apply({ type: 'message-updated', id: 'a', status: 'removed', version: 2 });
    list.addHistory([shown('a'), shown('b')]);
    expect(list.messages.map(({ id }) => id)).toEqual(['b']);
  });

  it('shows an own message that was held once a moderator lets it through', () => {
    const list = new MessageList();
    list.addOwn(own);
    list.apply({ type: 'message-held', id: 'a', clientMessageId: 'mine' });
    expect(list.messages[0]).toMatchObject({ state: 'held', id: 'a' });
    list.apply(shown('a', { type: 'message-updated', status: 'shown', version: 2 }));
    expect(list.messages).toHaveLength(1);
    expect(list.messages[0]).toMatchObject({ key: 'mine', state: 'shown' });
  });

  it('says why an own message was refused, by verdict or at once', () => {
    const list = new MessageList();
    list.addOwn(own);
    list.apply({ type: 'message-rejected', clientMessageId: 'mine', reason: 'links', detail: 'No links.' });
    expect(list.messages[0]).toMatchObject({ state: 'rejected', reason: 'No links.' });
    list.addOwn({ ...own, clientMessageId: 'second' });
    list.apply({ type: 'problem', clientMessageId: 'second', problem: { detail: 'Slow mode.' } });
    expect(list.messages[1]).toMatchObject({ state: 'rejected', reason: 'Slow mode.' });
  });

  it('removes in place and forgets the text', () => {
    const list = new MessageList();
    list.apply(shown('a'));
    list.apply(shown('b'));
    list.apply({ type: 'message-updated', id: 'a', status: 'removed' });
    expect(list.messages.map((message) => [message.state, message.text])).toEqual([
      ['removed', ''],
      ['shown', 'text of b'],
    ]);
  });

  it('takes away what a banned person wrote, and nothing at a time-out', () => {
    const list = new MessageList();
    list.apply(shown('a', { userId: 'bad' }));
    list.apply(shown('b'));
    list.apply({ type: 'user-banned', userId: 'bad', sanction: 'time-out' });
    expect(list.messages[0]?.state).toBe('shown');
    list.apply({ type: 'user-banned', userId: 'bad', sanction: 'ban' });
    expect(list.messages.map((message) => message.state)).toEqual(['removed', 'shown']);
  });

  it('puts history before what came live, without doubles', () => {
    const list = new MessageList();
    list.apply(shown('c', { timestamp: '2026-01-01T00:00:03Z' }));
    list.addHistory([
      shown('c', { timestamp: '2026-01-01T00:00:03Z' }),
      shown('b', { timestamp: '2026-01-01T00:00:02Z' }),
      shown('a', { timestamp: '2026-01-01T00:00:01Z' }),
    ]);
    expect(list.messages.map((message) => message.id)).toEqual(['a', 'b', 'c']);
  });

  it('lets an own message that was not answered go out once more, and no other', () => {
    const list = new MessageList();
    list.addOwn(own);
    expect(list.sendAgain('mine')).toBe(false);
    list.apply({ type: 'unanswered', clientMessageId: 'mine' });
    expect(list.messages[0]).toMatchObject({ state: 'unanswered' });
    expect(list.sendAgain('mine')).toBe(true);
    expect(list.messages[0]).toMatchObject({ state: 'sending' });
    list.apply(shown('a', { clientMessageId: 'mine' }));
    expect(list.sendAgain('mine')).toBe(false);
    expect(list.messages).toHaveLength(1);
  });

  it('keeps a bounded number however long it runs', () => {
    const list = new MessageList();
    for (let number = 0; number < SHOWN_MESSAGES * 3; number += 1) list.apply(shown(idOf(number)));
    expect(list.messages).toHaveLength(SHOWN_MESSAGES);
    expect(list.messages.at(-1)?.id).toBe(idOf(SHOWN_MESSAGES * 3 - 1));
  });

  it('says whether anything changed', () => {
    const list = new MessageList();
    expect(list.apply({ type: 'viewer-count', viewerCount: 3 })).toBe(false);
    expect(list.apply({ type: 'message-updated', id: 'unknown', status: 'removed' })).toBe(false);
    expect(list.apply(shown('a'))).toBe(true);
  });
});
