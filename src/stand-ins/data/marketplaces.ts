/** Amazon's marketplaces, with their currency. Source: SP-API documentation, marketplace ids. */
const currencies: Readonly<Record<string, string>> = {
  ATVPDKIKX0DER: 'USD',
  A2EUQ1WTGCTBG2: 'CAD',
  A1AM78C64UM0Y8: 'MXN',
  A2Q3Y263D00KWC: 'BRL',
  A1F83G8C2ARO7P: 'GBP',
  A1PA6795UKMFR9: 'EUR',
  A13V1IB3VIYZZH: 'EUR',
  APJ6JRA9NG5V4: 'EUR',
  A1RKKUPIHCS9HS: 'EUR',
  A1805IZSGTT6HS: 'EUR',
  A2NODRKZP88ZB9: 'SEK',
  A1C3SOZRARQ6R3: 'PLN',
  A21TJRUUN4KGV: 'INR',
  A1VC38T7YXB528: 'JPY',
  A39IBJ37TRP1C6: 'AUD',
};

/** Undefined for an unknown marketplace. */
export function currencyOf(marketplaceId: string): string | undefined {
  return currencies[marketplaceId];
}

export interface Money {
  CurrencyCode: string;
  Amount: number;
}

/** Money as the Selling Partner API writes it. Unknown marketplaces count in dollars. */
export function money(marketplaceId: string, cents: number): Money {
  return { CurrencyCode: currencyOf(marketplaceId) ?? 'USD', Amount: Math.round(cents) / 100 };
}
