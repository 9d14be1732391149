import { defineConfig } from 'vitest/config';

/** What looks at the clock while whole services run needs both cores for itself: such files run one after the other, last. */
const alone = ['test/service/**/*.test.ts', 'test/local/**/*.test.ts'];
/** What starts whole services, commands or packages too, but waits for what happens, however long it takes: three at a time. */
const patient = [
  'test/deploy/**/*.test.ts',
  'test/cli/**/*.test.ts',
  'test/service/{crash,delivery,faulty-servers}.test.ts',
  'test/local/{persistence,demos}.test.ts',
];

/** Nothing is told by these but that a test hangs: on a machine that is busy otherwise, all takes several times as long. */
const slow = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...patient, ...alone],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
          maxWorkers: 3,
          // Modules are loaded once for all files of a worker: what helpers hold must be each file's own, hooks included.
          isolate: false,
        },
      },
      {
        test: { name: 'patient', include: patient, ...slow, sequence: { groupOrder: 1 }, maxWorkers: 3 },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          exclude: patient,
          ...slow,
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
