import { ItemError } from '../../core/engine/errors.ts';
import type { Workload } from '../../core/jobs/workload.ts';
import { JsonNumber } from '../../core/json/number.ts';
import {
  type CallingPorts,
  type CallOptions,
  callingWorkload,
  isEmpty,
  type Row,
} from '../call-api/calling.ts';
import { cardErrors } from './card-errors.ts';
import { cardConfig, usualCards } from './config-file.ts';
import { cardOptions } from './options.ts';

const longestId = 200;

/** Asks the job's own API about each user, by POST: `call-api` with a user's id, and with fewer choices. */
export function recommendCards(ports: CallingPorts): Workload {
  return callingWorkload(
    {
      name: 'recommend-cards',
      description: 'Calls an API for each user and writes fields of the answers into columns',
      options: cardOptions(ports.downloads.allowHttp ?? false),
      idColumns: ['user_id', 'userId', 'id'],
      onlyAsks: true,
      usual: usualCards,
      configFile: cardConfig,
      check: checkId,
    },
    ports,
  );
}

function checkId(item: Row, { id_column: column = 'user_id' }: CallOptions): void {
  const value = Object.hasOwn(item, column) ? item[column] : undefined;
  const known = typeof value === 'string' || typeof value === 'number' || value instanceof JsonNumber;
  const text = known ? String(value).trim() : '';
  if (text !== '' && text.length <= longestId && !/\p{Cc}/u.test(text)) return;
  const why = isEmpty(value) ? 'is empty' : `must be a text of up to ${longestId} characters, or a number`;
  throw new ItemError(cardErrors.INVALID_USER_ID, `Column "${column}" ${why}`, { details: { column } });
}
