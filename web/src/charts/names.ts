import { locale, text } from '../strings/strings.js';

/** A country code in the reader's language. */
export function regionName(code: string): string {
  if (!/^[A-Z]{2}$/.test(code) || code === 'ZZ') return text('unknownRegion');
  try {
    return new Intl.DisplayNames([locale()], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}
