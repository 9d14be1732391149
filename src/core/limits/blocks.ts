import type { RateRule } from './rule.ts';

/** A stretch of the upstream's time that this worker has reserved. Epoch milliseconds. */
export interface Block {
  from: number;
  until: number;
  /** Its calls' turns come no earlier than this. */
  since: number;
  /** Undefined if it was not reserved in the store: it is only this worker's own share. */
  stamp: string | undefined;
}

/** The reserved calls that a worker has in hand, in the order of their turns. */
export interface Blocks {
  add(block: Block): void;
  /** Drops blocks that the upstream or a repair has made void. */
  keepOnly(record: { until: number; stamp: string }): void;
  clear(): void;
  /** When a call of this cost may be made; undefined if there is no room for it. */
  turnOf(cost: number, now: number): number | undefined;
  /** Uses up the turn that `turnOf` returned. */
  use(cost: number): void;
  /** Units left. */
  left(): number;
  /** Milliseconds until the last unit's turn; negative when it has come. */
  endsIn(now: number): number;
  /** Units that went unused since the last call of this method. */
  takeLost(): number;
}

/**
 * Epoch milliseconds in a double are exact only to a quarter of a microsecond: a shortfall up to this, in
 * milliseconds, is only rounding.
 */
const rounding = 1e-3;

export function createBlocks({ msPerUnit, burst, lateMs }: RateRule): Blocks {
  const blocks: Block[] = [];
  let lost = 0;
  /** The same in units. For tokens, of which a minute allows millions, it is more than a thousandth. */
  const unitsRounded = Math.max(rounding, rounding / msPerUnit);

  /** Drops what is too late to use: a worker that was frozen wakes up with old reservations. */
  const dropLate = (cost: number, now: number): void => {
    for (let block = blocks[0]; block; block = blocks[0]) {
      if (block.since + lateMs < now) {
        const inTime = Math.max(block.from, now - lateMs + (burst - cost) * msPerUnit);
        lost += (Math.min(inTime, block.until) - block.from) / msPerUnit;
        block.from = inTime;
      }
      const left = (block.until - block.from) / msPerUnit;
      if (left >= cost - unitsRounded) return;
      lost += Math.max(0, left);
      blocks.shift();
    }
  };

  const turn = (block: Block, cost: number) => Math.max(block.since, block.from + (cost - burst) * msPerUnit);

  return {
    add: (block) => blocks.push(block),
    keepOnly({ until, stamp }) {
      for (const block of blocks.splice(0)) {
        const stands = block.stamp === stamp && block.until <= until + rounding;
        if (stands || block.stamp === undefined) blocks.push(block);
      }
    },
    clear: () => blocks.splice(0),
    turnOf(cost, now) {
      dropLate(cost, now);
      const [block] = blocks;
      return block && turn(block, cost);
    },
    use(cost) {
      const [block] = blocks;
      if (block) block.from += cost * msPerUnit;
    },
    left: () => blocks.reduce((sum, { from, until }) => sum + (until - from) / msPerUnit, 0),
    endsIn(now) {
      const last = blocks.at(-1);
      return last ? Math.max(last.since, last.until - burst * msPerUnit) - now : 0;
    },
    takeLost() {
      const told = lost;
      lost = 0;
      return told;
    },
  };
}
