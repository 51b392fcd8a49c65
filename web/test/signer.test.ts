import { beforeEach, describe, expect, it, vi } from 'vitest';

import { signer } from '../src/player/signer.js';

const QUERY = 'Policy=p_1~&Signature=s-2_&Key-Pair-Id=K1';
const MASTER = `https://live.example/ivs/v1/r/media/hls/master.m3u8?${QUERY}`;

function opened(master: string, address: string): string | undefined {
  let asked: string | undefined;
  const request = { open: (_: string, url: string) => (asked = url) };
  signer(master)(request as unknown as XMLHttpRequest, address);
  return asked;
}

beforeEach(() => vi.stubGlobal('location', { href: 'https://pages.example/watch' }));

describe('a recording behind CloudFront', () => {
  it('sends the signature of its playlist with every segment', () => {
    const segment = 'https://live.example/ivs/v1/r/media/hls/720p30/0.ts';
    expect(opened(MASTER, segment)).toBe(`${segment}?${QUERY}`);
  });

  it('shows the signature to no other origin', () => {
    expect(opened(MASTER, 'https://other.example/0.ts')).toBeUndefined();
  });

  it('leaves the addresses of unsigned playlists as they are', () => {
    expect(opened('https://a.example/master.m3u8?token=t', 'https://a.example/0.ts')).toBeUndefined();
  });
});
