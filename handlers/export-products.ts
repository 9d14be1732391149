import { maxAnswerBytes, sentTextBytes } from './edge/answer-size.ts';
import { api } from './edge/api.ts';
import { parseQuery } from './edge/input.ts';
import { catalogIn, exportQuery } from './edge/products.ts';
import { jobs } from './edge/runtime.ts';

const catalog = catalogIn(jobs.workloads.values());
const query = exportQuery(catalog);

/** Most products in one answer: their links are signed one by one. */
const maxProducts = 2_000;
/** Products per read of the table. */
const pageSize = 500;

/**
 * GET /products/export: the tenant's products as a file. One that no answer can hold comes in parts, which are one file
 * when they are joined; the header `link` leads to the next.
 */
export const handler = api(async (event, _context, { tenant }) => {
  const { format: name, fields, cursor } = parseQuery(event, query);
  const format = catalog.formats[name];
  if (!format) throw new Error(`There is no format ${name}`);
  let text = cursor === undefined ? format.start(fields) : '';
  let left = maxAnswerBytes - sentTextBytes(text);
  let last: string | undefined;
  let more = false;
  let products = 0;
  for await (const product of catalog.entries(tenant, pageSize, cursor)) {
    const part = format.text(product, fields);
    left -= sentTextBytes(part);
    more = products === maxProducts || (left < 0 && products > 0);
    if (more) break;
    text += part;
    products += 1;
    last = product.catalogId;
  }
  const search = new URLSearchParams({
    format: name,
    ...(fields.length > 0 && { fields: fields.join(',') }),
    ...(last !== undefined && { cursor: last }),
  });
  return {
    statusCode: 200,
    headers: {
      'content-type': format.contentType,
      'cache-control': 'no-store',
      ...(more && { link: `</products/export?${search}>; rel="next"` }),
    },
    body: text,
  };
});
