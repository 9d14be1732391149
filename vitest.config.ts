import { defineConfig } from 'vitest/config';

/** What looks at the clock while whole services run needs a core for itself: such files run two at a time, last. */
const alone = [
  'test/service/{in-time,jobs,streams}.test.ts',
  'test/local/{event-source,gateway,instance,schedule,streaming}.test.ts',
];
/** What looks into the packages of the functions. */
const packed = ['test/deploy/{artifact,deploy,package}.test.ts'];
/** What starts whole services or commands too, but waits for what happens, however long it takes. */
const patient = ['test/{deploy,cli,service,local}/**/*.test.ts'];

/** Needs nothing but Node, and is done soon: `npm run test:unit`. */
const unit = ['test/core/**/*.test.ts', 'test/house.test.ts'];
/** Of the core, what takes long: many runs of a property, large files, many calls in real time. */
const thorough = [
  'test/core/engine/invocations.test.ts',
  'test/core/forecast/properties.test.ts',
  'test/core/formats/{round-trip,compression}.test.ts',
  'test/core/http/{client,adaptive,download}.test.ts',
  'test/core/jobs/delivery.test.ts',
  'test/core/jobs/files/long-finish.test.ts',
];
/** Of those, what holds a job's life together whatever fails. */
const onAws = [
  'test/core/jobs/{faults,recovery,retry,stop,trouble}.test.ts',
  'test/core/jobs/files/{files,files-given-up}.test.ts',
];
/** Modules are loaded once for all files of a worker: what helpers hold must be each file's own, hooks included. */
const together = { testTimeout: 60_000, sequence: { groupOrder: 0 }, maxWorkers: 3, isolate: false };

/** Four at a time, as they mostly wait. */
const waiting = { sequence: { groupOrder: 1 }, maxWorkers: 4, isolate: false };

/** Nothing is told by these but that a test hangs: on a machine that is busy otherwise, all takes several times as long. */
const slow = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    projects: [
      {
        test: { ...together, name: 'unit', include: unit, exclude: thorough },
      },
      {
        // What matters most once more on the embedded servers.
        test: { ...together, name: 'on-aws', include: onAws, env: { SPILLWAY_TEST_PORTS: 'aws' } },
      },
      {
        test: {
          ...together,
          name: 'parts',
          include: [...thorough, 'test/!(core)/**/*.test.ts', 'test/*.test.ts'],
          exclude: ['test/house.test.ts', ...patient, ...alone],
        },
      },
      {
        // These share what `osls package` makes, which takes its time.
        test: {
          name: 'packed',
          include: packed,
          globalSetup: 'test/deploy/packed.setup.ts',
          ...slow,
          ...waiting,
        },
      },
      {
        test: {
          name: 'patient',
          include: patient,
          exclude: [...alone, ...packed],
          ...slow,
          ...waiting,
          // Most of their services make no pictures: the model is loaded by those that do.
          env: { SPILLWAY_WARM_UP: 'false' },
        },
      },
      {
        test: {
          name: 'alone',
          include: alone,
          ...slow,
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
        },
      },
    ],
  },
});
