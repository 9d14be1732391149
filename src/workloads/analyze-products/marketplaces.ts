import type { SellingRegion } from './upstreams/accounts.ts';

export interface Marketplace {
  /** Its id in the Selling Partner API. */
  id: string;
  region: SellingRegion;
  currency: string;
  /** Its id at Keepa. */
  keepaDomain: number;
}

/**
 * Marketplaces that both APIs know, by Amazon's country code. Sources: SP-API documentation, Marketplace IDs and
 * SP-API Endpoints; Keepa's API documentation, domain ids.
 */
export const marketplaces = {
  US: { id: 'ATVPDKIKX0DER', region: 'na', currency: 'USD', keepaDomain: 1 },
  CA: { id: 'A2EUQ1WTGCTBG2', region: 'na', currency: 'CAD', keepaDomain: 6 },
  MX: { id: 'A1AM78C64UM0Y8', region: 'na', currency: 'MXN', keepaDomain: 11 },
  BR: { id: 'A2Q3Y263D00KWC', region: 'na', currency: 'BRL', keepaDomain: 12 },
  UK: { id: 'A1F83G8C2ARO7P', region: 'eu', currency: 'GBP', keepaDomain: 2 },
  DE: { id: 'A1PA6795UKMFR9', region: 'eu', currency: 'EUR', keepaDomain: 3 },
  FR: { id: 'A13V1IB3VIYZZH', region: 'eu', currency: 'EUR', keepaDomain: 4 },
  IT: { id: 'APJ6JRA9NG5V4', region: 'eu', currency: 'EUR', keepaDomain: 8 },
  ES: { id: 'A1RKKUPIHCS9HS', region: 'eu', currency: 'EUR', keepaDomain: 9 },
  IN: { id: 'A21TJRUUN4KGV', region: 'eu', currency: 'INR', keepaDomain: 10 },
  JP: { id: 'A1VC38T7YXB528', region: 'fe', currency: 'JPY', keepaDomain: 5 },
} as const satisfies Record<string, Marketplace>;

export type Country = keyof typeof marketplaces;

export const countries = Object.keys(marketplaces) as [Country, ...Country[]];
