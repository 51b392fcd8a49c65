/** Generated from the frames of `ayinel_live.connections`. Do not edit. */

export type OutboundFrame =
  | (
      | MessageFrame
      | MessageUpdatedFrame
      | MessageHeldFrame
      | MessageRejectedFrame
      | MessageAcceptedFrame
      | UserBannedFrame
      | ViewerCountFrame
      | StreamStatusFrame
      | StreamHealthFrame
      | PongFrame
      | ResumedFrame
      | ProblemFrame
    )
  | BatchFrame;

/**
 * A message is shown.
 */
export interface MessageFrame {
  changeId: string;
  clientMessageId: string;
  displayName: string;
  id: string;
  isModerated?: boolean;
  message: string;
  role: "owner" | "moderator" | "viewer";
  streamId: string;
  timestamp: string;
  type?: "message";
  userId: string;
  version: number;
}
/**
 * A message changed after it was shown, or was approved: `removed` carries no text.
 */
export interface MessageUpdatedFrame {
  changeId: string;
  displayName?: string | null;
  id: string;
  isModerated: boolean;
  message?: string | null;
  role?: ("owner" | "moderator" | "viewer") | null;
  status: "shown" | "removed";
  streamId: string;
  timestamp: string;
  type?: "message-updated";
  userId: string;
  version: number;
}
/**
 * To the sender: your message waits. To moderators: with its text, a message to decide on.
 */
export interface MessageHeldFrame {
  categories?: string[];
  clientMessageId: string;
  displayName?: string | null;
  id: string;
  message?: string | null;
  streamId: string;
  timestamp: string;
  type?: "message-held";
  userId: string;
  version: number;
}
/**
 * To the sender alone: the message will not be shown, with a reason in fixed words.
 */
export interface MessageRejectedFrame {
  clientMessageId: string;
  detail: string;
  id: string;
  reason: string;
  streamId: string;
  type?: "message-rejected";
  version: number;
}
/**
 * The answer to `send-message`: accepted for moderation; a repeat is answered alike.
 */
export interface MessageAcceptedFrame {
  clientMessageId: string;
  id: string;
  streamId: string;
  type?: "message-accepted";
}
/**
 * A person was banned, timed out or let back in; clients take the person's messages away.
 */
export interface UserBannedFrame {
  sanction: "ban" | "time-out" | "lifted";
  streamId: string;
  type?: "user-banned";
  until?: string | null;
  userId: string;
  version: number;
}
/**
 * How many people watch now.
 */
export interface ViewerCountFrame {
  streamId: string;
  type?: "viewer-count";
  version: number;
  viewerCount: number;
}
/**
 * The stream's state changed; `duration` is seconds.
 */
export interface StreamStatusFrame {
  duration?: number;
  recordingAvailable?: boolean;
  startTime?: string | null;
  status: "live" | "offline" | "processing";
  streamId: string;
  title: string;
  type?: "stream-status";
  version: number;
}
/**
 * To the owner's connections: how the ingest does; bitrate in bits per second.
 */
export interface StreamHealthFrame {
  at: string;
  bitrateBps?: number | null;
  framesPerSecond?: number | null;
  height?: number | null;
  lastEvent?: string | null;
  state: "healthy" | "starving" | "unknown";
  streamId: string;
  type?: "stream-health";
  version: number;
  width?: number | null;
}
/**
 * The answer to `heartbeat`; a client that has not seen the newest change resumes.
 */
export interface PongFrame {
  newestChangeId?: string | null;
  type?: "pong";
}
/**
 * The end of the answer to `resume`.
 *
 * `gap_too_large` says: load the history page instead. `has_more` says: ask again, with
 * `isContinuation` and this `newest_change_id`.
 */
export interface ResumedFrame {
  gapTooLarge?: boolean;
  hasMore?: boolean;
  newestChangeId?: string | null;
  streamId: string;
  type?: "resumed";
}
/**
 * A fault of a frame that was sent; `problem` is an RFC 9457 object.
 */
export interface ProblemFrame {
  clientMessageId?: string | null;
  problem: {
    [k: string]: unknown;
  };
  type?: "problem";
}
/**
 * Several events in one frame, in order.
 */
export interface BatchFrame {
  events: (
    | MessageFrame
    | MessageUpdatedFrame
    | MessageHeldFrame
    | MessageRejectedFrame
    | MessageAcceptedFrame
    | UserBannedFrame
    | ViewerCountFrame
    | StreamStatusFrame
    | StreamHealthFrame
    | PongFrame
    | ResumedFrame
    | ProblemFrame
  )[];
  type?: "batch";
}
