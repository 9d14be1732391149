import { beforeEach, describe, expect, it } from 'vitest';
import { accessToken } from '../../../src/stand-ins/apis/amazon-token.ts';
import { useSandbox } from '../http.ts';

const { call, get, post, restrict, sandbox } = useSandbox();
interface Refusal {
  errors: readonly [{ code: string; details: string }];
}

interface Found extends Refusal {
  numberOfResults: number;
  items: readonly { asin: string }[];
  pagination: { nextToken: string };
}

interface Item extends Refusal {
  asin: string;
}

interface FeesResult {
  FeesEstimate: {
    TotalFeesEstimate: { Amount: number };
    FeeDetailList: readonly { FinalFee: { Amount: number } }[];
  };
}

const marketplace = 'ATVPDKIKX0DER';
const asins = Array.from({ length: 20 }, (_, index) => `B0${String(index).padStart(8, '0')}`);
const unknownAsin = 'B0XXXX0001';

const tokenForm = {
  ...{ grant_type: 'refresh_token', refresh_token: 'Atzr|one', client_id: 'client', client_secret: 'secret' },
};
const token = (form: Record<string, string>) =>
  call<{ access_token: string; error: string }>(`${sandbox().urls['amazon-auth']}/auth/o2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });

describe('Login with Amazon', () => {
  it('gives an access token for a refresh token, that lives an hour of sandbox time', async () => {
    const { status, body } = await token(tokenForm);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ access_token: /^Atza\|/, refresh_token: 'Atzr|one', token_type: 'bearer', expires_in: 36 },
    });
  });

  it.each([
    [{ client_secret: 'invalid' }, 401, 'invalid_client'],
    [{ refresh_token: 'invalid' }, 400, 'invalid_grant'],
    [{ refresh_token: '' }, 400, 'invalid_request'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %j', async (change, expected, error) => {
    const { status, body } = await token({ ...tokenForm, ...change });
    expect([status, body.error]).toEqual([expected, error]);
  });

  it('refuses what is no form', async () => {
    const { status, body } = await post<{ error: string }>('amazon-auth', '/auth/o2/token', tokenForm);
    expect([status, body.error]).toEqual([400, 'invalid_request']);
  });

  it('has a limit', async () => {
    restrict('amazon-auth', 'tokens');
    await token(tokenForm);
    expect((await token(tokenForm)).status).toBe(429);
  });
});

describe('the Selling Partner API', () => {
  let headers: Record<string, string> = {};
  beforeEach(async () => {
    const { body } = await token(tokenForm);
    headers = { 'x-amz-access-token': body.access_token };
  });

  const search = (query: Record<string, string>) => {
    const common = { identifiersType: 'ASIN', marketplaceIds: marketplace };
    return get<Found>(
      'sp-api',
      `/catalog/2022-04-01/items?${new URLSearchParams({ ...common, ...query })}`,
      headers,
    );
  };
  const prices = (query: Record<string, string>) => {
    const common = { MarketplaceId: marketplace, ItemType: 'Asin' };
    const path = '/products/pricing/v0/competitivePrice';
    return get<Refusal & { payload: unknown }>(
      'sp-api',
      `${path}?${new URLSearchParams({ ...common, ...query })}`,
      headers,
    );
  };
  const offers = (wanted: readonly string[], change: object = {}) => {
    const requests = wanted.map((asin) => ({
      ...{ uri: `/products/pricing/v0/items/${asin}/offers`, method: 'GET' },
      ...{ MarketplaceId: marketplace, ItemCondition: 'New', ...change },
    }));
    return post<Refusal & { responses: unknown }>(
      'sp-api',
      '/batches/products/pricing/v0/itemOffers',
      { requests },
      headers,
    );
  };
  const fees = (wanted: readonly string[]) => {
    const price = { ListingPrice: { CurrencyCode: 'USD', Amount: 100 } };
    const request = { MarketplaceId: marketplace, IsAmazonFulfilled: true, PriceToEstimateFees: price };
    const body = wanted.map((asin, index) => ({
      FeesEstimateRequest: { ...request, Identifier: `request-${index}` },
      ...{ IdType: 'ASIN', IdValue: asin },
    }));
    return post<Refusal & readonly [FeesResult]>('sp-api', '/products/fees/v0/feesEstimate', body, headers);
  };

  it('finds items by ASIN, ten on a page unless more are asked for, and leaves unknown ones out', async () => {
    const first = await search({ identifiers: asins.join(',') });
    expect(first.body.numberOfResults).toBe(20);
    expect(first.body.items).toHaveLength(10);
    const second = await search({
      ...{ identifiers: asins.join(','), pageToken: first.body.pagination.nextToken },
    });
    const both = [...first.body.items, ...second.body.items].map(({ asin }) => asin);
    expect(both).toEqual(asins);
    const all = await search({ identifiers: [...asins.slice(1), unknownAsin].join(','), pageSize: '20' });
    expect(all.body.items).toHaveLength(19);
    expect(all.body.pagination).toEqual({});
  });

  it('finds items by keywords', async () => {
    const { body } = await get<Found>(
      'sp-api',
      `/catalog/2022-04-01/items?keywords=steel,mug&marketplaceIds=${marketplace}`,
      headers,
    );
    expect(body.items).toHaveLength(10);
    expect(body.pagination.nextToken).toBeDefined();
  });

  it('tells of an item what is asked for, and a summary unless asked', async () => {
    const path = `/catalog/2022-04-01/items/${asins[0]}?marketplaceIds=${marketplace}`;
    const summary = await get<Item>('sp-api', path, headers);
    expect(Object.keys(summary.body)).toEqual(['asin', 'summaries']);
    expect(summary.headers.get('x-amzn-ratelimit-limit')).toBe('200.0');
    const parts = 'attributes,dimensions,identifiers,images,salesRanks,summaries';
    const { body } = await get<Item>('sp-api', `${path}&includedData=${parts}`, headers);
    expect(Object.keys(body).toSorted()).toEqual(['asin', ...parts.split(',')].toSorted());
    expect(body).toMatchObject({ salesRanks: [{ displayGroupRanks: [{ rank: expect.any(Number) }] }] });
  });

  it('does not know every ASIN', async () => {
    const path = (asin: string) => `/catalog/2022-04-01/items/${asin}?marketplaceIds=${marketplace}`;
    const missing = await get<Refusal>('sp-api', path(unknownAsin), headers);
    expect([missing.status, missing.body.errors[0].code]).toEqual([404, 'NOT_FOUND']);
    expect((await get('sp-api', path('nonsense'), headers)).status).toBe(400);
  });

  it('gives prices, with a status for each', async () => {
    const { body } = await prices({ Asins: [asins[0], unknownAsin].join(',') });
    expect(body.payload).toMatchObject([
      {
        status: 'Success',
        Product: {
          CompetitivePricing: {
            CompetitivePrices: [
              { Price: { ListingPrice: { CurrencyCode: 'USD', Amount: expect.any(Number) } } },
            ],
          },
        },
      },
      { status: 'ClientError', ASIN: unknownAsin },
    ]);
  });

  it('gives offers in a batch, with a status and a body for each', async () => {
    sandbox().configure({ api: 'sp-api', errors: { keys: [asins[1] ?? ''] } });
    const { status, body } = await offers([asins[0] ?? '', unknownAsin, asins[1] ?? '']);
    expect(status).toBe(200);
    expect(body.responses).toMatchObject([
      {
        status: { statusCode: 200 },
        body: { payload: { ASIN: asins[0], Summary: { TotalOfferCount: expect.any(Number) } } },
        request: { Asin: asins[0], MarketplaceId: marketplace },
      },
      { status: { statusCode: 400 }, body: { errors: [{ code: 'InvalidInput' }] } },
      { status: { statusCode: 500 }, body: { errors: [{ code: 'InternalFailure' }] } },
    ]);
  });

  it('estimates fees, a bare list in and out', async () => {
    const { body } = await fees([asins[0] ?? '', unknownAsin]);
    expect(body).toMatchObject([
      {
        Status: 'Success',
        FeesEstimateIdentifier: { SellerInputIdentifier: 'request-0', IdValue: asins[0] },
        FeesEstimate: { FeeDetailList: [{ FeeType: 'ReferralFee', FinalFee: { Amount: 15 } }, {}, {}] },
      },
      { Status: 'ClientError', Error: { Code: 'InvalidParameterValue' } },
    ]);
    const [{ FeesEstimate }] = body;
    const sum = FeesEstimate.FeeDetailList.reduce((total, { FinalFee }) => total + FinalFee.Amount, 0);
    expect(FeesEstimate.TotalFeesEstimate.Amount).toBeCloseTo(sum);
  });

  it('refuses a token that is missing, wrong or expired', async () => {
    const details = async (headers: Record<string, string>) => {
      const path = `/catalog/2022-04-01/items/${asins[0]}?marketplaceIds=${marketplace}`;
      const { status, body } = await get<Refusal>('sp-api', path, headers);
      expect([status, body.errors[0].code]).toEqual([403, 'Unauthorized']);
      return body.errors[0].details;
    };
    expect(await details({})).toContain('missing');
    expect(await details({ 'x-amz-access-token': 'Atza|nonsense' })).toContain('malformed');
    expect(await details({ 'x-amz-access-token': accessToken('me', Date.now() - 1) })).toContain('expired');
  });

  it.each<[string, () => Promise<{ status: number; body: Refusal }>]>([
    ['more than 20 identifiers', () => search({ identifiers: [...asins, 'B012345678'].join(',') })],
    ['a page of 21', () => search({ identifiers: asins.join(','), pageSize: '21' })],
    ['no identifiers', () => search({})],
    ['another marketplace', () => search({ identifiers: 'B012345678', marketplaceIds: 'X' })],
    ['an unknown data set', () => search({ identifiers: 'B012345678', includedData: 'secrets' })],
    ['prices of nothing', () => prices({ Asins: '' })],
    ['prices of SKUs', () => prices({ Asins: 'B012345678', ItemType: 'Sku' })],
    ['offers of 21', () => offers([...asins, 'B012345678'])],
    ['offers of a wrong condition', () => offers(['B012345678'], { ItemCondition: 'Broken' })],
    ['fees of nothing', () => fees([])],
  ])('refuses %s', async (_, ask) => {
    const { status, body } = await ask();
    expect([status, body.errors[0].code]).toEqual([400, 'InvalidInput']);
  });

  it('limits each operation by itself, bad requests included, and each seller', async () => {
    restrict('sp-api', 'getCompetitivePricing');
    expect((await prices({ Asins: '' })).status).toBe(400);
    const refused = await prices({ Asins: asins[0] ?? '' });
    expect(refused.status).toBe(429);
    expect(refused.body.errors[0].code).toBe('QuotaExceeded');
    expect(refused.headers.get('x-amzn-ratelimit-limit')).toBeNull();
    expect(refused.headers.get('retry-after')).toBeNull();
    expect((await search({ identifiers: 'B012345678' })).status).toBe(200);
    const other = await token({ ...tokenForm, refresh_token: 'Atzr|two' });
    headers = { 'x-amz-access-token': other.body.access_token };
    expect((await prices({ Asins: asins[0] ?? '' })).status).toBe(200);
  });
});
