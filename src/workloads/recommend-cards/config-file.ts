import { callConfig } from '../call-api/calling.ts';

/** The API that this workload was made for; bytes are means of the demo's files. */
export const usualCards = { latencyMs: 2_700, answerBytes: 35_500, rowBytes: 30, addedBytes: 110 };

export const cardConfig = callConfig('users', usualCards);
