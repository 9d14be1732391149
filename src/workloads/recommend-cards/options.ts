import * as z from 'zod';
import { apiFields, processing } from '../call-api/calling.ts';

/** A job's options as they are recorded. `allowHttp`: for local use. */
export function cardOptions(allowHttp: boolean) {
  const fields = apiFields({ allowHttp, standIns: ['cards'], fixed: true });
  const { url, headers, timeout, retries, requests_per_second, missing_fields } = fields;
  const body_template = fields.body_template.unwrap();
  const response_fields = fields.response_fields.refine((given) => Object.keys(given).length > 0, {
    error: 'must name at least one column',
  });
  return z.strictObject({
    api: z.strictObject({
      ...{ url, headers, body_template, timeout, retries, requests_per_second },
      ...{ response_fields, missing_fields },
    }),
    processing: processing.prefault({}),
    /** Column that names the user. */
    id_column: z.string().min(1).default('user_id'),
  });
}
