import pLimit from 'p-limit';
import { systemClock } from '../../../../src/core/engine/clock.ts';
import { runUnderBudget } from '../../../../src/core/engine/run.ts';
import { studio } from '../../../../src/workloads/create-products/pictures/studio.ts';
import { type System, wanted } from '../work.ts';

/** As in workload.ts. */
const groupsAtOnce = 5;
const photosAtOnce = 2;
const photosPerGroup = 2;

/** The workload's own way without downloads and uploads: groups under a budget, photos through the shared studio. */
export const spillway: System = {
  async start() {
    const pictures = studio();
    await pictures.warmUp();
    return {
      async makeAll(photos) {
        const groups = Array.from({ length: Math.ceil(photos.length / photosPerGroup) }, (_, index) => ({
          priority: -index,
          photos: photos.slice(index * photosPerGroup, (index + 1) * photosPerGroup),
        }));
        const settlements = await runUnderBudget(groups, {
          concurrency: groupsAtOnce,
          clock: systemClock,
          stopAt: systemClock.now() + 3_600_000,
          expectedMs: () => 1_000,
          run: (group, signal) => {
            const limit = pLimit(photosAtOnce);
            return Promise.all(
              group.photos.map((photo) =>
                limit(() => pictures.cutOut(photo, wanted, signal, group.priority)),
              ),
            );
          },
        });
        return settlements.flatMap((settlement) => {
          if (settlement.status !== 'succeeded') throw new Error(`A group ended as ${settlement.status}`);
          return settlement.output.map(({ data }) => data);
        });
      },
      stop: () => pictures.close(),
    };
  },
};
