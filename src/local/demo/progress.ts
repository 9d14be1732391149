import { SingleBar } from 'cli-progress';

/** Shows a job's progress. */
export interface Progress {
  show(done: number): void;
  /** Always call this: a bar hides the terminal's cursor. */
  end(): void;
}

export interface ProgressOptions {
  total: number;
  /** How many were done at the start. */
  done: number;
  /** The counted things, in the plural. */
  unit: string;
  /** Seconds since the work began. */
  elapsed(): number;
}

/** A bar on a terminal; elsewhere, such as in a log, a line for each step. */
export function startProgress(options: ProgressOptions, output: NodeJS.WriteStream): Progress {
  return output.isTTY ? bar(options, output) : lines(options, output);
}

/** How often the bar's clock moves, in milliseconds. */
const tickMs = 100;

function bar({ total, done, unit, elapsed }: ProgressOptions, output: NodeJS.WriteStream): Progress {
  const drawn = new SingleBar({
    format: `  {bar} {value} of {total} ${unit} · {elapsed} s`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 40,
    hideCursor: true,
    stream: output,
  });
  const payload = () => ({ elapsed: elapsed().toFixed(1) });
  drawn.start(total, done, payload());
  const ticking = setInterval(() => drawn.update(payload()), tickMs);
  return {
    show: (now) => drawn.update(now, payload()),
    end: () => {
      clearInterval(ticking);
      drawn.stop();
    },
  };
}

function lines({ total, done, unit, elapsed }: ProgressOptions, output: NodeJS.WriteStream): Progress {
  let shown = done;
  return {
    show: (now) => {
      if (now === shown) return;
      shown = now;
      output.write(`  ${now} of ${total} ${unit} after ${elapsed().toFixed(1)} s\n`);
    },
    end: () => {},
  };
}
