import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { System } from '../work.ts';
import type { LaneReply, LaneRequest } from './lane.ts';

/** One lane per core; every other photo goes to the same one. The seconds are those of the stages, see ../../photos.ts. */
export const limit: System = {
  async start() {
    const lanes = await Promise.all(Array.from({ length: availableParallelism() }, openLane));
    let busySeconds = 0;
    return {
      async makeAll(photos) {
        const shares = lanes.map((_, lane) => indicesOf(photos.length, lane, lanes.length));
        const replies = await Promise.all(
          lanes.map((lane, at) =>
            ask(lane, { photos: (shares[at] ?? []).map((index) => photos[index] ?? Buffer.of()) }),
          ),
        );
        busySeconds = replies.reduce((sum, reply) => sum + reply.busySeconds, 0);
        const pictures: Buffer[] = [];
        replies.forEach((reply, at) => {
          reply.pictures.forEach((picture, nth) => {
            pictures[shares[at]?.[nth] ?? -1] = Buffer.from(picture);
          });
        });
        return pictures;
      },
      seconds: () => busySeconds / lanes.length,
      async stop() {
        await Promise.all(lanes.map((lane) => lane.terminate()));
      },
    };
  },
};

/** Pairs of neighbours (a small photo and its large twin) take turns, so that the lanes have equally much to do. */
function indicesOf(count: number, lane: number, lanes: number): number[] {
  return Array.from({ length: count }, (_, index) => index).filter(
    (index) => Math.floor(index / 2) % lanes === lane,
  );
}

async function openLane(): Promise<Worker> {
  const lane = new Worker(new URL('./lane.ts', import.meta.url));
  await next(lane);
  return lane;
}

async function ask(lane: Worker, request: LaneRequest): Promise<LaneReply> {
  lane.postMessage(request);
  return (await next(lane)) as LaneReply;
}

function next(lane: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lane.once('message', resolve).once('error', reject);
  });
}
