import * as z from 'zod';
import { type AmazonProduct, isInCatalog } from '../../data/amazon-products.ts';
import { currencyOf, type Money } from '../../data/marketplaces.ts';
import { json } from '../api.ts';
import { invalidInput } from './errors.ts';
import type { Operation } from './operation.ts';

const moneySchema = z.object({ CurrencyCode: z.string(), Amount: z.number() });

/** A bare array, in and out. */
const estimatesSchema = z
  .array(
    z.object({
      FeesEstimateRequest: z.object({
        MarketplaceId: z.string().refine((id) => currencyOf(id) !== undefined, 'Invalid MarketplaceId'),
        IsAmazonFulfilled: z.boolean().optional(),
        PriceToEstimateFees: z.object({ ListingPrice: moneySchema, Shipping: moneySchema.optional() }),
        Identifier: z.string(),
      }),
      IdType: z.enum(['ASIN', 'SellerSKU']),
      IdValue: z.string().min(1),
    }),
  )
  .min(1)
  .max(20);

type Estimate = z.infer<typeof estimatesSchema>[number];

/** Share of the price that Amazon keeps for the sale. */
const referralShare = 0.15;
const closingFee = 0;

export const getMyFeesEstimates: Operation = {
  name: 'getMyFeesEstimates',
  method: 'POST',
  path: '/products/fees/v0/feesEstimate',
  decide: (request, { product, poisoned }) => {
    const body = estimatesSchema.safeParse(request.json());
    if (!body.success) return invalidInput('Invalid Input', z.prettifyError(body.error));
    const result = (one: Estimate) => {
      const known = one.IdType === 'SellerSKU' || isInCatalog(one.IdValue);
      const identified = { FeesEstimateIdentifier: identifier(one) };
      if (poisoned(one.IdValue)) {
        return {
          Status: 'ServerError',
          ...identified,
          Error: error('Receiver', 'InternalError', 'Internal error'),
        };
      }
      if (!known) {
        const message = 'There is an client-side error. Please verify your inputs.';
        return {
          Status: 'ClientError',
          ...identified,
          Error: error('Sender', 'InvalidParameterValue', message),
        };
      }
      return { Status: 'Success', ...identified, FeesEstimate: estimate(one, product(one.IdValue)) };
    };
    return {
      keys: body.data.map(({ IdValue }) => IdValue),
      errorPerKey: true,
      answer: () => json(200, body.data.map(result)),
    };
  },
};

function identifier({ FeesEstimateRequest, IdType, IdValue }: Estimate) {
  const { Identifier, ...rest } = FeesEstimateRequest;
  return { ...rest, SellerId: 'A3SANDBOXSELLER', IdType, IdValue, SellerInputIdentifier: Identifier };
}

function estimate({ FeesEstimateRequest }: Estimate, { pounds }: AmazonProduct) {
  const { PriceToEstimateFees, IsAmazonFulfilled = false } = FeesEstimateRequest;
  const { ListingPrice, Shipping } = PriceToEstimateFees;
  const amount = (value: number): Money => ({
    CurrencyCode: ListingPrice.CurrencyCode,
    Amount: Math.round(value * 100) / 100,
  });
  const sale = ListingPrice.Amount + (Shipping?.Amount ?? 0);
  const fees = [
    ['ReferralFee', Math.max(0.3, sale * referralShare)],
    ['VariableClosingFee', closingFee],
    ...(IsAmazonFulfilled ? [['FBAFees', 3.2 + pounds * 0.4] as const] : []),
  ] as const;
  return {
    TimeOfFeesEstimation: new Date().toISOString(),
    TotalFeesEstimate: amount(fees.reduce((sum, [, fee]) => sum + fee, 0)),
    FeeDetailList: fees.map(([FeeType, fee]) => ({
      FeeType,
      FeeAmount: amount(fee),
      FeePromotion: amount(0),
      FinalFee: amount(fee),
    })),
  };
}

function error(Type: string, Code: string, Message: string) {
  return { Type, Code, Message, Detail: [] };
}
