/** Milliseconds between checks. */
const lookEvery = 250;

/**
 * Calls back once when the script that started this process has ended, killed or not: who ends the script means the
 * process. Never if no script started it.
 */
export function whenWrapperEnds(callBack: () => void): void {
  const { SPILLWAY_WRAPPER: wrapper } = process.env;
  if (wrapper !== String(process.ppid)) return;
  const looking = setInterval(() => {
    if (String(process.ppid) === wrapper) return;
    clearInterval(looking);
    callBack();
  }, lookEvery);
  looking.unref();
}
