import { fileErrors } from '../../src/core/formats/file-error.ts';
import { jobErrors } from '../../src/core/jobs/model/job-errors.ts';
import { edgeErrors } from './edge-errors.ts';

/** The declared codes that can end a request. */
type CodeWithStatus<Declared> = {
  [Code in keyof Declared & string]: Declared[Code] extends { status: number } ? Code : never;
}[keyof Declared & string];

/** Errors in a file. */
export const fileProblems = Object.keys(fileErrors) as (keyof typeof fileErrors)[];

const declared = { ...edgeErrors, ...jobErrors, ...fileErrors };

export type ProblemCode = CodeWithStatus<typeof declared>;

/** Every code of this API's problem documents, with its HTTP status. */
export const problemCodes = Object.fromEntries(
  Object.values(declared).flatMap((one) => ('status' in one ? [[one.code, one.status]] : [])),
) as Readonly<Record<ProblemCode, number>>;
