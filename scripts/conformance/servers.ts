import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ServerKind, serverKinds } from '../../src/aws/endpoints.ts';

/** A server that can be installed and started here. */
interface Known {
  kinds: readonly ServerKind[];
  version: string;
  /** Into a directory of its own. */
  install(directory: string): void;
  command(directory: string, port: number): { file: string; args: string[]; env?: Record<string, string> };
}

export interface Running {
  name: string;
  kinds: readonly ServerKind[];
  url: string;
  stop(): void;
}

/** Installed once, and kept: git ignores it. */
const home = join(import.meta.dirname, '../../.conformance');
/** Seconds. On a busy machine ElasticMQ takes ten. */
const startLimit = 60;

const ministackVersion = '1.5.33';
const motoVersion = '5.2.5';
const elasticmqVersion = '1.6.14';

/**
 * moto checks a condition and writes in two steps, without a lock: of two conditional updates at a time both may win. Its
 * own command would let that happen; here DynamoDB's requests wait for each other.
 */
const motoWithLock = `import sys, threading
from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
app = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()
def one_by_one(environ, start_response):
    if not environ.get("HTTP_X_AMZ_TARGET", "").startswith("DynamoDB"):
        return app(environ, start_response)
    with lock:
        return app(environ, start_response)
run_simple("127.0.0.1", int(sys.argv[1]), one_by_one, threaded=True, request_handler=MotoRequestHandler)
`;

const known: Readonly<Record<string, Known>> = {
  ministack: {
    kinds: serverKinds,
    version: ministackVersion,
    install: (directory) => installFromPyPI(directory, `ministack==${ministackVersion}`),
    command: (directory, port) => ({
      file: join(directory, 'bin/ministack'),
      args: [],
      env: { GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', LOG_LEVEL: 'WARNING' },
    }),
  },
  moto: {
    kinds: serverKinds,
    version: motoVersion,
    install: (directory) => installFromPyPI(directory, `moto[server]==${motoVersion}`),
    command: (directory, port) => ({
      file: join(directory, 'bin/python'),
      args: ['-c', motoWithLock, String(port)],
    }),
  },
  elasticmq: {
    kinds: ['sqs'],
    version: elasticmqVersion,
    install: (directory) =>
      installFromMaven(directory, 'org.elasticmq', 'elasticmq-server_2.13', elasticmqVersion),
    command: (directory, port) => ({
      file: 'java',
      args: [
        ...Object.entries({
          'rest-sqs.bind-hostname': '127.0.0.1',
          'rest-sqs.bind-port': port,
          'node-address.port': port,
          'rest-stats.enabled': false,
        }).map(([name, value]) => `-D${name}=${value}`),
        ...['-cp', join(directory, 'jars', '*'), 'org.elasticmq.server.Main'],
      ],
    }),
  },
};

export const serverNames = Object.keys(known);

/** Starts a server on a free port, after installing it where that was not done yet. */
export async function startServer(name: string): Promise<Running> {
  const server = known[name];
  if (server === undefined) throw new RangeError(`There is no server '${name}'`);
  const directory = join(home, `${name}-${server.version}`);
  const stamp = join(directory, '.installed');
  if (!existsSync(stamp)) {
    console.log(`Installing ${name} ${server.version} …`);
    mkdirSync(directory, { recursive: true });
    server.install(directory);
    writeFileSync(stamp, '');
  }
  const port = await freePort();
  const { file, args, env } = server.command(directory, port);
  const log = join(directory, 'server.log');
  const output = openSync(log, 'w');
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', output, output] });
  let ended: string | undefined;
  child.once('error', ({ message }) => {
    ended = message;
  });
  child.once('exit', (code) => {
    ended ??= `it ended with ${code}`;
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + startLimit * 1000;
  while (!(await answers(url))) {
    if (ended === undefined && Date.now() < deadline) await pause(200);
    else {
      child.kill();
      throw new Error(`${name} did not start (${ended ?? `no answer within ${startLimit} s`}): see ${log}`);
    }
  }
  return { name, kinds: server.kinds, url, stop: () => child.kill() };
}

function installFromPyPI(directory: string, requirement: string): void {
  execFileSync('python3', ['-m', 'venv', directory], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', requirement];
  execFileSync(join(directory, 'bin/python'), pip, { stdio: 'inherit' });
}

/** The artifact and what it depends on, as jars. */
function installFromMaven(directory: string, group: string, artifact: string, version: string): void {
  const dependency = `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>`;
  const project = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>spillway</groupId><artifactId>conformance</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies><dependency>${dependency}</dependency></dependencies>
</project>`;
  const pom = join(directory, 'pom.xml');
  writeFileSync(pom, project);
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(directory, 'jars')}`];
  execFileSync('mvn', ['--quiet', '--batch-mode', '--file', pom, ...goal], { stdio: 'inherit' });
}

/** Whatever the answer is. */
async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return true;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
