import type { JobView } from '../../../client/contract.ts';
import type { Row } from '../../../core/formats/rows.ts';

/** Unexpected results of a run, one line each. */
export function problemsOf(job: JobView, rows: readonly Row[], users: number, failures: number): string[] {
  const problems: string[] = [];
  if (job.status !== 'partial') problems.push(`The job ended as '${job.status}'`);
  if (rows.length !== users) problems.push(`The file has ${rows.length} rows of ${users}`);
  const failed = rows.filter(({ error_code }) => error_code !== '' && error_code !== undefined);
  if (failed.length !== failures)
    problems.push(`${failed.length} users failed where ${failures} should have`);
  const misplaced = rows.findIndex((row, n) => {
    const id = String(row.user_id ?? '');
    return id !== '' && Number(id.slice('user-'.length)) !== n + 1;
  });
  if (misplaced >= 0) problems.push(`Row ${misplaced + 1} is out of its place`);
  const empty = rows.filter((row) => !failed.includes(row) && !row.best_card).length;
  if (empty > 0) problems.push(`${empty} rows have neither a card nor an error`);
  return problems;
}
