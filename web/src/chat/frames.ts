/** What travels through the chat's connection, as the application sees it. */

import type { BatchFrame, OutboundFrame } from '../generated/frames.js';

/** Any event of the server; `type` tells which. */
export interface ChatEvent {
  readonly type: string;
  readonly [member: string]: unknown;
}

type SingleFrame = Exclude<OutboundFrame, BatchFrame>;
export type FrameType = NonNullable<SingleFrame['type']>;
/** The event of one type, as the platform's own description of its frames has it. */
export type FrameOf<Type extends FrameType> = ChatEvent & Extract<SingleFrame, { type?: Type }>;

/** The events of one frame; none of what is no frame at all. */
export function eventsOf(data: unknown): readonly ChatEvent[] {
  let frame: unknown;
  try {
    frame = JSON.parse(String(data));
  } catch {
    return [];
  }
  if (!isEvent(frame)) return [];
  if (frame.type !== 'batch' || !Array.isArray(frame['events'])) return [frame];
  return (frame['events'] as unknown[]).filter(isEvent);
}

function isEvent(value: unknown): value is ChatEvent {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
