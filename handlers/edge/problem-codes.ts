import { fileErrors } from '../../src/core/formats/file-error.ts';
import { jobErrors } from '../../src/core/jobs/model/job-errors.ts';
import { edgeErrors } from './edge-errors.ts';

/** The codes of some declarations that a request may end with. */
type CodeWithStatus<Declared> = {
  [Code in keyof Declared & string]: Declared[Code] extends { status: number } ? Code : never;
}[keyof Declared & string];

/** What may be wrong with a file. */
export const fileProblems = Object.keys(fileErrors) as (keyof typeof fileErrors)[];

const declared = { ...edgeErrors, ...jobErrors, ...fileErrors };

export type ProblemCode = CodeWithStatus<typeof declared>;

/** Every code that a problem document of this API can have, and the HTTP status that it comes with. */
export const problemCodes = Object.fromEntries(
  Object.values(declared).flatMap((one) => ('status' in one ? [[one.code, one.status]] : [])),
) as Readonly<Record<ProblemCode, number>>;
