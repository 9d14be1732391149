import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  furthestProbeMs,
  type LimitStore,
  type OpenBreaker,
  type RateRecord,
  type SeatHolder,
  type SeatsRecord,
} from '../core/limits/store.ts';
import { openTable, type Row } from './table.ts';

const keys = {
  rate: (name: string) => ({ pk: 'RATE', sk: name }),
  breaker: (name: string) => ({ pk: 'BREAKER', sk: name }),
  seats: (name: string) => ({ pk: 'SEATS', sk: name }),
};

/** Seats belong to a job. DynamoDB's time to live deletes them this many seconds after their last use. */
const seatsKeptSeconds = 24 * 3600;

/** {@link LimitStore} in a DynamoDB table with the keys `pk` and `sk`: one item for each rate, breaker and ceiling. */
export function dynamoLimitStore(dynamo: DynamoDBDocumentClient, table: string): LimitStore {
  const { get, update, remove } = openTable(dynamo, table);

  const changeRate = async (
    name: string,
    expression: string,
    condition: string,
    values: Row,
  ): Promise<RateRecord | undefined> => {
    const row = await update(keys.rate(name), expression, condition, values);
    return row && rateFrom(row);
  };

  return {
    async rate(name) {
      const row = await get(keys.rate(name));
      return row && rateFrom(row);
    },

    extend: (name, ms, from, to) =>
      changeRate(name, 'ADD reservedUntil :ms', 'reservedUntil BETWEEN :from AND :to', {
        ':ms': ms,
        ':from': from,
        ':to': to,
      }),

    restart: (name, from, until, stamp) =>
      changeRate(
        name,
        'SET reservedUntil = :until, stamp = if_not_exists(stamp, :stamp)',
        'attribute_not_exists(reservedUntil) OR reservedUntil < :from',
        { ':until': until, ':stamp': stamp, ':from': from },
      ),

    repair: (name, sane, until, stamp) =>
      changeRate(
        name,
        'SET reservedUntil = :until, stamp = :stamp',
        'NOT attribute_type(reservedUntil, :number) OR reservedUntil > :sane',
        { ':until': until, ':stamp': stamp, ':number': 'N', ':sane': sane },
      ),

    move: (name, until, stamp, newStamp) =>
      changeRate(
        name,
        'SET reservedUntil = :until, stamp = :newStamp',
        'attribute_not_exists(stamp) OR stamp = :stamp OR reservedUntil < :until',
        { ':until': until, ':stamp': stamp, ':newStamp': newStamp },
      ),

    async breaker(name) {
      const row = await get(keys.breaker(name));
      return row && breakerFrom(row);
    },

    async openBreaker(name, { since, probeAt }) {
      const row = await update(
        keys.breaker(name),
        'SET since = :since, probeAt = :probeAt',
        'attribute_not_exists(probeAt)',
        { ':since': since, ':probeAt': probeAt },
      );
      return row !== undefined;
    },

    async takeProbe(name, now, nextProbeAt) {
      // Also due if the time is not a number, or implausibly far off.
      const due = 'probeAt <= :now OR NOT attribute_type(probeAt, :number) OR probeAt > :furthest';
      const row = await update(
        keys.breaker(name),
        'SET probeAt = :next',
        `attribute_exists(probeAt) AND (${due})`,
        { ':now': now, ':next': nextProbeAt, ':number': 'N', ':furthest': now + furthestProbeMs },
      );
      return row !== undefined;
    },

    closeBreaker: (name) => remove(keys.breaker(name)),

    async seats(name) {
      const row = await get(keys.seats(name));
      return row && seatsFrom(row);
    },

    async changeSeats(name, { holders, since, stamp }, before) {
      const lastUse = Math.max(since, ...Object.values(holders).map(({ until }) => until));
      const row = await update(
        keys.seats(name),
        'SET holders = :holders, since = :since, stamp = :stamp, expiresAt = :expiresAt',
        before === undefined ? 'attribute_not_exists(stamp)' : 'stamp = :before',
        {
          ':holders': holders,
          ':since': since,
          ':stamp': stamp,
          ':expiresAt': Math.ceil(lastUse / 1000) + seatsKeptSeconds,
          ...(before !== undefined && { ':before': before }),
        },
      );
      return row !== undefined;
    },
  };
}

function rateFrom({ reservedUntil, stamp }: Row): RateRecord {
  return { until: typeof reservedUntil === 'number' ? reservedUntil : Number.NaN, stamp: String(stamp) };
}

function seatsFrom({ holders, since, stamp }: Row): SeatsRecord {
  return { holders: holders as Record<string, SeatHolder>, since: Number(since), stamp: String(stamp) };
}

/** A value that is not a time becomes NaN. */
function breakerFrom({ since, probeAt }: Row): OpenBreaker {
  const time = (value: unknown) => (typeof value === 'number' ? value : Number.NaN);
  return { since: time(since), probeAt: time(probeAt) };
}
