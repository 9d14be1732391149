/** A fault that somebody might make, and the tests that must catch it. */
export interface Mutant {
  fault: string;
  file: string;
  find: string;
  replace: string;
  /** Files of tests, as vitest takes them. */
  tests: readonly string[];
}

const life = ['test/core/jobs'];
const contract = ['test/contract', 'test/core/jobs'];

export const mutants: readonly Mutant[] = [
  {
    fault: 'A slice is taken though its holder is alive',
    file: 'src/aws/ledger-slices.ts',
    find: "'#status = :running AND leaseUntil < :now',\n              values: { ...values, ':now': now },",
    replace: "'#status = :running AND :now = :now',\n              values: { ...values, ':now': now },",
    tests: contract,
  },
  {
    fault: 'A worker writes after another has taken over (in DynamoDB)',
    file: 'src/aws/ledger-slices.ts',
    find: "const held = '#status = :running AND claims = :claim';",
    replace: "const held = '#status = :running AND claims >= :claim';",
    tests: contract,
  },
  {
    fault: 'A worker writes after another has taken over (in the transitions)',
    file: 'src/core/jobs/model/slice-life.ts',
    find: "work.status === 'running' && work.claims === event.claim;",
    replace: "work.status === 'running' && work.claims >= event.claim;",
    tests: contract,
  },
  {
    fault: 'A checkpoint that is repeated counts twice',
    file: 'src/core/jobs/model/slice-life.ts',
    find: 'if (!isHeld(slice, event) || slice.parts.includes(part))',
    replace: 'if (!isHeld(slice, event))',
    tests: life,
  },
  {
    fault: 'A slice is counted into its job twice',
    file: 'src/core/jobs/model/job-life.ts',
    find: 'if (settled.has(slice.id)) return notDue;',
    replace: '',
    tests: life,
  },
  {
    fault: 'A failed checkpoint is swallowed',
    file: 'src/core/jobs/slices/recorder.ts',
    find: 'if (error instanceof LeaseLost) hold.lose(error);\n      throw error;',
    replace: 'if (error instanceof LeaseLost) hold.lose(error);',
    tests: life,
  },
  {
    fault: 'The sweeper does not count closed slices',
    file: 'src/core/jobs/sweep.ts',
    find: 'for (const slice of uncounted) await settleSlice(jobs, slice);',
    replace: '',
    tests: life,
  },
  {
    fault: "The store's trouble is the item's failure",
    file: 'src/core/engine/run.ts',
    find: 'const postponed = postponedIn(error);',
    replace:
      "const postponed = error instanceof Error && error.name === 'Postponed' ? (error as Postponed) : undefined;",
    tests: life,
  },
  {
    fault: 'Crashes never start anew',
    file: 'src/core/jobs/model/slice-life.ts',
    find: 'note: event.note }), crashes: 0 };',
    replace: 'note: event.note }) };',
    tests: contract,
  },
  {
    fault: 'The sweeper sends no message a second time',
    file: 'src/core/jobs/sweep.ts',
    find: 'if (!(await sendMessages(jobs, job, ids))) return 0;',
    replace: '',
    tests: life,
  },
  {
    fault: 'What failed is not undone',
    file: 'src/core/jobs/slices/work.ts',
    find: 'if (decided) await workload.undo?.(ref);',
    replace: '',
    tests: life,
  },
  {
    fault: 'A retry reopens a round twice',
    file: 'src/core/jobs/model/job-life.ts',
    find: "if (job.status === 'running') return job.reopenedBy === by ? { to: job } : notDue;",
    replace: "if (job.status === 'running') return { to: job };",
    tests: life,
  },
];
