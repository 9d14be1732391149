import type { FakeClock } from './fake-clock.ts';

interface Piece {
  /** Progress of the machine at which the piece is done. */
  doneAt: number;
  done: () => void;
}

/**
 * A machine whose items slow each other down: with n of them at work each gets on at 1 / (1 + friction · (n − 1)) of
 * its speed. Friction 0: they wait for a network; 1: they share one core.
 */
export class Machine {
  readonly #clock: FakeClock;
  readonly #friction: number;
  readonly #pieces = new Set<Piece>();
  /** What an item has got done that has been there from the start, in milliseconds of a machine of its own. */
  #progress = 0;
  #asOf = 0;
  #cancel = () => {};

  constructor(clock: FakeClock, friction: number) {
    this.#clock = clock;
    this.#friction = friction;
  }

  /** Calls `done` after work that takes `ms` on a machine of one's own. The returned function takes the work away. */
  work(ms: number, done: () => void): () => void {
    this.#catchUp();
    const piece = { doneAt: this.#progress + ms, done };
    this.#pieces.add(piece);
    this.#wait();
    return () => {
      this.#catchUp();
      this.#pieces.delete(piece);
      this.#wait();
    };
  }

  get #slowdown(): number {
    return 1 + this.#friction * Math.max(0, this.#pieces.size - 1);
  }

  #catchUp(): void {
    const now = this.#clock.now();
    this.#progress += (now - this.#asOf) / this.#slowdown;
    this.#asOf = now;
  }

  #wait(): void {
    this.#cancel();
    let next: Piece | undefined;
    for (const piece of this.#pieces) if (!next || piece.doneAt < next.doneAt) next = piece;
    if (!next) return;
    const first = next;
    this.#cancel = this.#clock.after((first.doneAt - this.#progress) * this.#slowdown, () => {
      this.#catchUp();
      this.#pieces.delete(first);
      this.#wait();
      first.done();
    });
  }
}
