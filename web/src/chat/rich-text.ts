/** A message's text as pieces: plain text and links. Never markup, so nothing can be executed. */

export interface Piece {
  readonly text: string;
  readonly url?: string;
}

const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+[^\s<>"'`{}|\\^.,;:!?)\]]/giu;
/** Bidirectional controls reorder what stands around them (Unicode TR 36, section 2.5). */
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** More combining marks on one base than this are cut: they paint over other messages. */
const MARKS = /(\p{M}{4})\p{M}+/gu;

/** A text that cannot paint over, or reorder, what stands around it. */
export function plain(text: string): string {
  return text.replace(BIDI_CONTROLS, '').replace(MARKS, '$1');
}

export function piecesOf(message: string): readonly Piece[] {
  const text = plain(message);
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push(URL.canParse(match[0]) ? { text: match[0], url: match[0] } : { text: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}
