import { createGroq } from './groq.ts';
import { createKeepa } from './keepa.ts';
import { createSerper } from './serper.ts';
import { createSpApi } from './sp-api.ts';

/** The APIs that workloads call, by name: a new one is a file beside this one and a line here. */
export const upstreams = {
  serper: createSerper,
  groq: createGroq,
  'sp-api': createSpApi,
  keepa: createKeepa,
} as const;

export type UpstreamName = keyof typeof upstreams;
