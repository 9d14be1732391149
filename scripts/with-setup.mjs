// Runs a command of this project on the Node version that it pins, installing the dependencies first where they are missing or stale.
// Plain JavaScript without imports from node_modules: this is the one file that must run on whatever Node the machine has.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { isatty } from 'node:tty';
import { compileCache, isInstalled, lock, root, stamp } from './installed.mjs';
import { whenNpmEnds } from './npm-above.mjs';

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

const interruptedCode = 128 + constants.signals.SIGINT;
const terminatedCode = 128 + constants.signals.SIGTERM;
/** Milliseconds until an interruption is passed on: one that is meant for the process group has arrived by then. */
const interruptDelay = 100;

/**
 * Runs a command to its end and returns its exit code. Ctrl+C reaches it by itself (same terminal); without a terminal,
 * an interruption is passed on as SIGTERM, which the command takes for the same one if it has come already. SIGTERM is
 * passed on, and so is the end of npm, which does not pass on what ends it.
 */
function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    ...options,
  });
  const passOn = () => child.kill('SIGTERM');
  let interrupted = false;
  const interrupt = () => {
    interrupted = true;
    if (![0, 1, 2].some((stream) => isatty(stream))) setTimeout(passOn, interruptDelay).unref();
  };
  process.on('SIGTERM', passOn).on('SIGINT', interrupt);
  whenNpmEnds(passOn);
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`Cannot run ${command}: ${error.message}`);
      resolve(127);
    });
    child.on('exit', (code, signal) => {
      const ended = code ?? 128 + (constants.signals[signal] ?? 0);
      resolve(interrupted && ended === terminatedCode ? interruptedCode : ended);
    });
  }).finally(() => process.off('SIGTERM', passOn).off('SIGINT', interrupt));
}

if (!isInstalled()) await install();
if (process.exitCode === undefined) {
  const [command, ...args] = process.argv.slice(2);
  const PATH = join(root, 'node_modules', '.bin') + delimiter + process.env.PATH;
  // The command ends if this process is killed: see src/local/end-with-wrapper.ts.
  const SPILLWAY_WRAPPER = String(process.pid);
  const env = { NODE_COMPILE_CACHE: compileCache, ...process.env, PATH, SPILLWAY_WRAPPER };
  process.exitCode = await run(command, args, { env });
}
