import { isAsin, isInCatalog } from '../../data/amazon-products.ts';
import { currencyOf } from '../../data/marketplaces.ts';
import { hash } from '../../physics/chance.ts';
import { type ApiRequest, json, type Reply } from '../api.ts';
import { catalogItem, dataSets } from './catalog-item.ts';
import { failure, invalidInput } from './errors.ts';
import { list, type Operation } from './operation.ts';

const defaultPageSize = 10;
const maxPageSize = 20;
const maxIdentifiers = 20;
/** Hits of a search by keywords. */
const keywordHits = 45;

export const searchCatalogItems: Operation = {
  name: 'searchCatalogItems',
  method: 'GET',
  path: '/catalog/2022-04-01/items',
  decide: (request, { product }) => {
    const common = readCommon(request);
    if ('status' in common) return common;
    const { marketplaceId, included } = common;
    const identifiers = list(request.query('identifiers'));
    const keywords = list(request.query('keywords'));
    const complaint = searchComplaint(request, identifiers, keywords);
    if (complaint !== undefined) return invalidInput(complaint);
    const pageSize = Number(request.query('pageSize') ?? defaultPageSize);
    const offset = readToken(request.query('pageToken'));
    if (offset === undefined) return invalidInput('The pageToken is not valid.');
    // Identifiers that do not exist are simply not among the items.
    const found = keywords.length > 0 ? searched(keywords) : identifiers.filter(isInCatalog);
    return {
      keys: identifiers.length > 0 ? identifiers : keywords,
      answer: () => {
        const end = offset + pageSize;
        return json(200, {
          numberOfResults: found.length,
          pagination: {
            ...(end < found.length && { nextToken: pageToken(end) }),
            ...(offset > 0 && { previousToken: pageToken(Math.max(0, offset - pageSize)) }),
          },
          items: found.slice(offset, end).map((asin) => catalogItem(product(asin), marketplaceId, included)),
        });
      },
    };
  },
};

export const getCatalogItem: Operation = {
  name: 'getCatalogItem',
  method: 'GET',
  path: '/catalog/2022-04-01/items/:asin',
  decide: (request, { product }) => {
    const common = readCommon(request);
    if ('status' in common) return common;
    const { marketplaceId, included } = common;
    const asin = request.param('asin');
    if (!isAsin(asin)) return invalidInput(`Invalid ASIN provided: ${asin}`);
    return {
      keys: [asin],
      answer: () =>
        isInCatalog(asin)
          ? json(200, catalogItem(product(asin), marketplaceId, included))
          : failure(
              404,
              'NOT_FOUND',
              `Requested item '${asin}' not found in marketplace(s) ${marketplaceId}.`,
            ),
    };
  },
};

function readCommon(request: ApiRequest): { marketplaceId: string; included: string[] } | Reply {
  const [marketplaceId, ...more] = list(request.query('marketplaceIds'));
  if (marketplaceId === undefined) return invalidInput("Missing required 'marketplaceIds'.");
  if (more.length > 0 || currencyOf(marketplaceId) === undefined) {
    return invalidInput("Invalid 'marketplaceIds' provided.");
  }
  const asked = list(request.query('includedData'));
  const unknown = asked.find((name) => !dataSets.includes(name));
  if (unknown !== undefined) return invalidInput(`Invalid 'includedData' provided: ${unknown}`);
  return { marketplaceId, included: asked.length > 0 ? asked : ['summaries'] };
}

function searchComplaint(
  request: ApiRequest,
  identifiers: readonly string[],
  keywords: readonly string[],
): string | undefined {
  const type = request.query('identifiersType');
  const pageSize = Number(request.query('pageSize') ?? defaultPageSize);
  if (identifiers.length > 0 === keywords.length > 0) return "Provide either 'identifiers' or 'keywords'.";
  if (identifiers.length > maxIdentifiers) return `At most ${maxIdentifiers} 'identifiers' are allowed.`;
  if (keywords.length > maxIdentifiers) return `At most ${maxIdentifiers} 'keywords' are allowed.`;
  if (identifiers.length > 0 && type === undefined) {
    return "'identifiersType' is required when 'identifiers' are provided.";
  }
  if (identifiers.length > 0 && type !== 'ASIN')
    return `The sandbox knows items by ASIN only, not by ${type}.`;
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > maxPageSize) {
    return `'pageSize' must be between 1 and ${maxPageSize}.`;
  }
  return undefined;
}

/** ASINs that these keywords find. */
function searched(keywords: readonly string[]): string[] {
  return Array.from({ length: keywordHits }, (_, index) => {
    const digits = hash(`${keywords.join(' ')} ${index}`)
      .toString(36)
      .toUpperCase()
      .padStart(7, '0');
    return `B0${digits}0`.slice(0, 10);
  });
}

const pageToken = (offset: number) => Buffer.from(`page:${offset}`).toString('base64url');

function readToken(token: string | undefined): number | undefined {
  if (token === undefined) return 0;
  const offset = /^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  return offset === undefined ? undefined : Number(offset);
}
