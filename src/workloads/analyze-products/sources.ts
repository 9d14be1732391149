import type { WorkloadPorts } from '../ports.ts';
import { marketplaces } from './marketplaces.ts';
import { keepaAccount, type SellingRegion, spApiAccount } from './upstreams/accounts.ts';
import { createKeepa, type Keepa } from './upstreams/keepa.ts';
import { createSpApi, type SpApi } from './upstreams/sp-api.ts';

/** The APIs that look-ups call. */
export interface Sources {
  spApi: SpApi;
  keepa: Keepa;
  /** The region of the seller's account. */
  region: SellingRegion;
}

/** The parts of a catalog item that the analysis reads: the others make answers many times larger. */
const includedData = ['summaries', 'salesRanks', 'dimensions'];

export function openSources({
  accounts,
  upstreamDeps: deps,
}: Pick<WorkloadPorts, 'accounts' | 'upstreamDeps'>): Sources {
  const { region, ...amazon } = accounts.open(spApiAccount);
  return {
    // Each look-up names its marketplace.
    spApi: createSpApi({ ...amazon, deps, includedData, marketplaceId: marketplaces.US.id }),
    keepa: createKeepa({ ...accounts.open(keepaAccount), deps }),
    region,
  };
}
