import { createKeepa } from './analyze-products/upstreams/keepa.ts';
import { createSpApi } from './analyze-products/upstreams/sp-api.ts';
import { createGroq } from './enrich-leads/upstreams/groq.ts';
import { createSerper } from './enrich-leads/upstreams/serper.ts';

/** The APIs that workloads call, by name: a new one is a file beside this one and a line here. */
export const upstreams = {
  serper: createSerper,
  groq: createGroq,
  'sp-api': createSpApi,
  keepa: createKeepa,
} as const;

export type UpstreamName = keyof typeof upstreams;
