import { readFileSync } from 'node:fs';
import type { SliceRef } from '../../src/core/jobs/model/slice.ts';

/** A stored event of the folder `events`. */
export function storedEvent(name: string) {
  return JSON.parse(readFileSync(`events/${name}`, 'utf8'));
}

/** The stored SQS event with another pointer in it. */
export function sqsEvent(ref: SliceRef, name = 'continue-job.sqs.json') {
  const event = storedEvent(name);
  event.Records[0].body = JSON.stringify(ref);
  return event;
}

/** A stored HTTP event with other fields. */
export function apiEvent(name: string, more: Record<string, unknown> = {}) {
  return { ...storedEvent(name), ...more };
}
