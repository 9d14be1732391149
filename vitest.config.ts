import { defineConfig } from 'vitest/config';

/** What starts whole services needs both cores for itself: such files run one after the other, after all the rest. */
const whole = [
  'test/service/**/*.test.ts',
  'test/local/**/*.test.ts',
  'test/deploy/**/*.test.ts',
  'test/cli/**/*.test.ts',
];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: whole,
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'whole',
          include: whole,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
    ],
  },
});
