/** Signatures of recordings behind CloudFront. */

/** What CloudFront looks for; a recording's playlist names its segments without it. */
const SIGNATURE = /^(Policy|Signature|Key-Pair-Id)=/;

/** Send a recording's signature with everything that its playlist names; leave others' addresses. */
export function signer(url: string): (request: XMLHttpRequest, address: string) => void {
  const master = new URL(url, location.href);
  // As it came: decoding and encoding again would change its alphabet.
  const signature = master.search.slice(1).split('&').filter((part) => SIGNATURE.test(part));
  return (request, address) => {
    const target = new URL(address, master);
    if (signature.length === 0 || target.origin !== master.origin || target.search !== '') return;
    request.open('GET', `${target.href}?${signature.join('&')}`, true);
  };
}
