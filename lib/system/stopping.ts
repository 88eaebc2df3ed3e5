/** Whether this process was asked to stop: it finishes what it has and wants nothing new. */

/** On the process and not in this module: the web's start and its pages are bundled apart, and each has a copy of it. */
const onProcess = globalThis as { lotbookStopping?: boolean };

/** From now on the process says that it is not ready. */
export function beginStopping(): void {
  onProcess.lotbookStopping = true;
}

export function isStopping(): boolean {
  return onProcess.lotbookStopping === true;
}
