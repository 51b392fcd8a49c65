/** Short names for the bodies that the pages use; all are generated from the OpenAPI document. */

import type { components } from '../generated/api.js';

type Schemas = components['schemas'];

export type StreamBody = Schemas['StreamBody'];
export type StreamDetails = Schemas['StreamDetailsBody'];
export type StreamList = Schemas['StreamListBody'];
export type StatusBody = Schemas['StatusBody'];
export type Started = Schemas['StartedBody'];
export type Capabilities = Schemas['CapabilitiesBody'];
export type Health = Schemas['HealthBody'];
export type ChatSettings = Schemas['ChatSettingsBody'];
export type BanList = Schemas['BanListBody'];
export type ModeratorList = Schemas['ModeratorListBody'];
export type InvitationList = Schemas['InvitationListBody'];
export type ModerationLog = Schemas['LogBody'];
export type Recording = Schemas['RecordingBody'];
export type StreamKey = Schemas['StreamKeyBody'];
export type Analytics = Schemas['AnalyticsBody'];
export type History = Schemas['HistoryBody'];
export type PastStream = Schemas['PastStreamBody'];
export type Minute = Schemas['MinuteBody'];
export type Ingest = Schemas['IngestBody'];
