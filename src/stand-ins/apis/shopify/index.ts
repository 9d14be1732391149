import * as z from 'zod';
import { calm } from '../../settings.ts';
import {
  type Api,
  type ApiDefinition,
  type ApiRequest,
  json,
  type Plan,
  type Reply,
  type World,
} from '../api.ts';
import { credential } from '../credentials.ts';
import { type Field, GraphqlError, type Operation, parseOperation, project, resolve } from './graphql.ts';
import { createProductStore, identifierSchema, productSetSchema, type UserError } from './product-store.ts';
import { productView } from './product-view.ts';

/** Shopify's Admin API in GraphQL, as far as products are set and looked up. */
export const shopify: ApiDefinition = {
  defaults: calm({
    latency: { kind: 'log-normal', medianMs: 600, sigma: 0.3 },
    // The standard plan's, in points of calculated cost.
    limits: { points: { rate: 100, per: 'second', burst: 2000 } },
  }),
  create,
};

/** Points. Source: Shopify, "GraphQL Admin API rate limits": a mutation costs 10 by default, an object 1. */
const mutationCost = 10;
const objectCost = 1;

const bodySchema = z.object({
  query: z.string().min(1),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

type Variables = Readonly<Record<string, unknown>>;

function create({ time, limits }: World): Api {
  const store = createProductStore();

  /** What is said of the cost in every answer. A throttled call has no actual cost. */
  function cost(account: string, requestedQueryCost: number, actualQueryCost: number | null) {
    const bucket = limits.bucket('points', account);
    const maximumAvailable = bucket?.limit.burst ?? 1_000_000;
    return {
      requestedQueryCost,
      actualQueryCost,
      throttleStatus: {
        maximumAvailable,
        currentlyAvailable: bucket === undefined ? maximumAvailable : Math.floor(bucket.left(time.now())),
        restoreRate: (bucket?.limit.rate ?? maximumAvailable) / time.scale,
      },
    };
  }

  function authorize(request: ApiRequest): string | Reply {
    const token = request.header('x-shopify-access-token');
    if (credential(token) === 'valid') return token ?? '';
    const errors = '[API] Invalid API key or access token (unrecognized login or wrong password)';
    return json(401, { errors });
  }

  const answers: Readonly<Record<Operation['type'], Readonly<Record<string, Resolver>>>> = {
    mutation: {
      productSet: ({ args }, variables) => {
        const input = argument(productSetSchema, resolve(args.input, variables), 'input');
        const identifier = resolve(args.identifier, variables) ?? undefined;
        if (resolve(args.synchronous, variables) === false) {
          throw new GraphqlError('The sandbox sets products only synchronously');
        }
        const known =
          identifier === undefined ? undefined : argument(identifierSchema, identifier, 'identifier');
        return {
          example: { product: exampleProduct, productSetOperation: null, userErrors: [exampleError] },
          keys: [known?.handle ?? known?.customId?.value ?? known?.id ?? input.handle ?? input.title ?? ''],
          run: () => {
            const { product, userErrors } = store.set(known, input, new Date(time.epochMs()));
            return { product: product ? productView(product) : null, productSetOperation: null, userErrors };
          },
        };
      },
    },
    query: {
      product: ({ args }, variables) => lookUp({ id: resolve(args.id, variables) }),
      productByIdentifier: ({ args }, variables) => lookUp(resolve(args.identifier, variables)),
    },
  };

  function lookUp(value: unknown) {
    const identifier = argument(identifierSchema, value, 'identifier');
    return {
      example: exampleProduct,
      keys: [identifier.id ?? identifier.handle ?? identifier.customId?.value ?? ''],
      run: () => {
        const product = store.find(identifier);
        return product === undefined ? null : productView(product);
      },
    };
  }

  /** What a document asks for. Throws GraphqlError. */
  function plan(account: string, document: string, variables: Variables): Plan {
    const operation = parseOperation(document);
    const [field, ...more] = operation.fields;
    if (field === undefined || more.length > 0)
      throw new GraphqlError('The sandbox takes one field at a time');
    const type = operation.type === 'mutation' ? 'Mutation' : 'QueryRoot';
    const resolver = answers[operation.type][field.name];
    if (resolver === undefined)
      throw new GraphqlError(`Field '${field.name}' doesn't exist on type '${type}'`);
    const { keys, example, run } = resolver(field, variables);
    // Before anything takes effect: throws for fields that do not exist.
    project(example, field.selection, field.name);
    const requested = operation.type === 'mutation' ? mutationCost : objectCost;
    return {
      keys,
      account,
      cost: { points: requested },
      answer: () => {
        const value = project(run(), field.selection, field.name);
        const extensions = { cost: cost(account, requested, requested) };
        return json(200, { data: { [field.alias]: value }, extensions });
      },
    };
  }

  return {
    failure: (status) => {
      if (status === 404) return json(404, { errors: 'Not Found' });
      return json(status, { errors: status === 503 ? 'Service Unavailable' : 'Internal Server Error' });
    },
    throttled: ({ account, cost: requested }) =>
      // Too much at a time, too, is told with 200.
      json(200, {
        errors: [
          {
            message: 'Throttled',
            extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' },
          },
        ],
        extensions: { cost: cost(account, requested, null) },
      }),
    routes: [
      {
        method: 'POST',
        path: '/admin/api/:version/graphql.json',
        operation: 'graphql',
        decide: (request) => {
          const account = authorize(request);
          if (typeof account !== 'string') return account;
          const body = bodySchema.safeParse(request.json());
          if (!body.success) return json(400, { errors: { query: 'Required parameter missing or invalid' } });
          try {
            return plan(account, body.data.query, body.data.variables ?? {});
          } catch (error) {
            return errors(error);
          }
        },
      },
    ],
  };
}

/** What a field does. `example` is an answer with everything in it that can be selected. */
type Resolver = (
  field: Field,
  variables: Variables,
) => { keys: string[]; example: unknown; run: () => unknown };

const exampleProduct = productView({
  ...{ id: '', handle: '', number: 0, createdAt: '', updatedAt: '' },
  productOptions: [{ name: '', values: [] }],
  files: [{}],
  metafields: [{ key: '', value: '' }],
});

const exampleError: UserError = { code: '', field: [], message: '' };

/** GraphQL tells what is wrong with a document with 200. Rethrows what is no fault of the document. */
function errors(error: unknown): Reply {
  if (!(error instanceof GraphqlError)) throw error;
  return json(200, { errors: [{ message: error.message, extensions: { code: 'graphqlError' } }] });
}

function argument<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || name}: ${message}`);
  throw new GraphqlError(`Variable $${name} was provided invalid value for ${problems.join(', ')}`);
}
