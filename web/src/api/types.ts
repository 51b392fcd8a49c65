/** Short names for the bodies that the pages use; all are generated from the OpenAPI document. */

import type { components } from '../generated/api.js';

type Schemas = components['schemas'];

export type StreamBody = Schemas['StreamBody'];
export type StreamDetails = Schemas['StreamDetailsBody'];
export type StreamList = Schemas['StreamListBody'];
export type StatusBody = Schemas['StatusBody'];
export type Started = Schemas['StartedBody'];
export type Capabilities = Schemas['CapabilitiesBody'];
