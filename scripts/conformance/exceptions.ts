import type { ServerKind } from '../../src/aws/endpoints.ts';

/** Tests that a server fails through a fault of its own. */
export interface Exception {
  server: string;
  kind: ServerKind;
  /** Of the tests' full names. */
  tests: RegExp;
  reason: string;
}

const exceptions: readonly Exception[] = [
  {
    server: 'moto',
    kind: 'dynamodb',
    tests: /^a record damaged by hand (".*"|true|\[1\]|\{.*\}|a breaker without)/,
    reason:
      'moto answers 500, or refuses the update, where a condition compares values of different types; for DynamoDB the condition is false.',
  },
];

/** Why a test fails, where a server that is in use is known to be the reason. */
export const exceptionFor = (test: string, serves: Readonly<Record<string, string>>) =>
  exceptions.find(({ server, kind, tests }) => serves[kind] === server && tests.test(test));
