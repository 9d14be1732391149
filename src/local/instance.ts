import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { errorTypes, FunctionError, type FunctionErrorBody } from './function-error.ts';
import type { InstanceMessage, PartMessage, ServiceMessage } from './instance-messages.ts';
import type { ResponseSink } from './streamed-response.ts';

export interface InstanceOptions {
  functionName: string;
  timeoutSeconds: number;
  /** Callers wait for its answers. */
  answersCallers: boolean;
  /** The complete environment of the process. */
  environment: Record<string, string>;
  /** Options of Node itself. */
  nodeOptions: readonly string[];
  /** Receives the process's output. */
  onOutput(chunk: Buffer): void;
}

/** A process that runs one function, one request at a time. */
export interface Instance {
  readonly pid: number;
  /** False once it has ended or is being ended. */
  readonly usable: boolean;
  /** Settles when the handler's module has loaded; rejects with a {@link FunctionError} if it cannot be loaded. */
  readonly ready: Promise<void>;
  /** Settles when the process has ended. */
  readonly exited: Promise<void>;
  /**
   * Runs the handler on an event in JSON, and resolves to its result in JSON. Its stream goes to `sink`, or
   * nowhere. Rejects with a {@link FunctionError}.
   */
  invoke(requestId: string, payload: string, sink?: ResponseSink): Promise<string>;
  kill(): void;
}

/**
 * Milliseconds for loading a module. Lambda allows 10 s (AWS, "Lambda execution environment lifecycle") on a
 * CPU of its own; here many may load concurrently on few cores.
 */
const initLimit = 60_000;

/**
 * Added to the niceness of workers that no caller waits for. On a machine with two cores, a few running
 * slices would otherwise take the CPU from the one function whose answer has a deadline; work that can wait
 * yields to it.
 */
const backgroundNiceness = 10;

const instanceModule = fileURLToPath(new URL('./instance-process.ts', import.meta.url));

/** Settles once: with the process's next relevant message, its death, or a limit. */
interface Waiting {
  settle(message: InstanceMessage): void;
  fail(error: FunctionErrorBody): void;
}

export function startInstance(options: InstanceOptions): Instance {
  const { functionName, timeoutSeconds } = options;
  const child = fork(instanceModule, [], {
    env: options.environment,
    execArgv: [...options.nodeOptions],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.stdout?.on('data', options.onOutput);
  child.stderr?.on('data', options.onOutput);
  const pid = child.pid ?? 0;
  if (!options.answersCallers) lowerPriority(pid);

  let waiting: Waiting | undefined;
  // Its current activity, for messages: loading its module, then one request after another.
  let requestId = 'init';
  let usable = true;
  const kill = () => {
    usable = false;
    child.kill('SIGKILL');
  };
  const exited = exitOf(child).then((how) => {
    usable = false;
    waiting?.fail({
      errorType: errorTypes.exited,
      errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
    });
  });
  let sink: ResponseSink | undefined;
  // If the channel is closed, the process has ended or is about to, and its end reports that.
  const tell = (message: ServiceMessage, onError = () => {}) =>
    child.send(message, (error) => {
      if (error !== null) onError();
    });
  const pass = async (part: PartMessage) => {
    try {
      if (part.kind === 'head') sink?.begin(part.head);
      else {
        await sink?.write(part.bytes);
        tell({ kind: 'taken' });
      }
    } catch {
      tell({ kind: 'gone' });
    }
  };
  child.on('message', (message: InstanceMessage | PartMessage) => {
    if (message.kind === 'head' || message.kind === 'chunk') pass(message);
    else waiting?.settle(message);
  });

  const nextMessage = (limit: number, onLimit: () => FunctionErrorBody) =>
    new Promise<InstanceMessage>((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        waiting = undefined;
      };
      const fail = (error: FunctionErrorBody) => {
        end();
        reject(new FunctionError(functionName, error));
      };
      const timer = setTimeout(() => {
        kill();
        fail(onLimit());
      }, limit);
      waiting = {
        settle: (message) => {
          end();
          resolve(message);
        },
        fail,
      };
    });
  const expect = async (limit: number, onLimit: () => FunctionErrorBody) => {
    const message = await nextMessage(limit, onLimit);
    if ('error' in message) throw new FunctionError(functionName, message.error);
    return message;
  };

  return {
    pid,
    get usable() {
      return usable;
    },
    exited,
    ready: expect(initLimit, () => timedOut('init', initLimit / 1000)).then(() => {}),
    invoke: async (id, payload, to) => {
      requestId = id;
      sink = to;
      const hangUp = () => tell({ kind: 'gone' });
      to?.gone.addEventListener('abort', hangUp);
      const deadline = Date.now() + timeoutSeconds * 1000;
      const answer = expect(timeoutSeconds * 1000, () => timedOut(id, timeoutSeconds));
      // If the message cannot be sent, the process is killed: its end says more than this error.
      tell({ kind: 'invoke', requestId: id, payload, deadline }, kill);
      try {
        const message = await answer;
        return message.kind === 'result' ? message.payload : 'null';
      } finally {
        to?.gone.removeEventListener('abort', hangUp);
        sink = undefined;
      }
    },
    kill,
  };
}

function timedOut(requestId: string, seconds: number): FunctionErrorBody {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds.toFixed(2)} seconds`;
  return { errorType: errorTypes.timedOut, errorMessage };
}

/** Describes how the process ended, in Lambda's words. */
function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(
        signal === null ? `exit status ${code}` : `signal: ${signal === 'SIGKILL' ? 'killed' : signal}`,
      );
    });
  });
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, backgroundNiceness);
  } catch {
    // It has already ended, or the system does not allow it: then it runs at normal priority.
  }
}
