// Runs a command of this project on the Node version that it pins, installing the dependencies first where they are missing or stale.
// Plain JavaScript without imports from node_modules: this is the one file that must run on whatever Node the machine has.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.spillway-installed');
const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');

const isInstalled = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === lock;

/** Held while dependencies are installed: two commands started together must not both do it. Names the process. */
const installing = join(root, '.installing');

async function install() {
  while (!takeTurn()) await new Promise((resolve) => setTimeout(resolve, 500));
  try {
    if (isInstalled()) return;
    console.error('Installing dependencies (npm ci) …');
    const status = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      // onnxruntime-node would otherwise download CUDA libraries that nothing here uses.
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    });
    if (status === 0) {
      writeFileSync(stamp, lock);
      return;
    }
    console.error('npm ci failed: see above. It needs Node 20 or newer, npm, and access to an npm registry.');
    process.exitCode = status;
  } finally {
    rmSync(installing, { force: true });
  }
}

/** False while another process installs. One that has died holds no turn. */
function takeTurn() {
  try {
    writeFileSync(installing, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isRunning(readHolder())) rmSync(installing, { force: true });
    return false;
  }
}

function readHolder() {
  try {
    return Number(readFileSync(installing, 'utf8'));
  } catch {
    return 0;
  }
}

function isRunning(pid) {
  // Written a moment from now: somebody has just taken the turn.
  if (pid === 0) return existsSync(installing);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command to its end and returns its exit code. Ctrl+C reaches it by itself (same terminal); SIGTERM is passed on. */
function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  const passOn = () => child.kill('SIGTERM');
  const wait = () => {};
  process.on('SIGTERM', passOn).on('SIGINT', wait);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  }).finally(() => process.off('SIGTERM', passOn).off('SIGINT', wait));
}

if (!isInstalled()) await install();
if (process.exitCode === undefined) {
  const [command, ...args] = process.argv.slice(2);
  const PATH = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH;
  // Node keeps what it compiles and finds it at the next start, which then takes about half as long.
  const NODE_COMPILE_CACHE = join(root, 'node_modules', '.cache', 'spillway');
  process.exitCode = await run(command, args, { env: { NODE_COMPILE_CACHE, ...process.env, PATH } });
}
