/** Cuts long work into pieces, so that the page can draw and take in keys between them. */

/** Below a frame of 60 in a second, with room to draw it. */
const MAX_WORK_MS = 8;

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Gives a function to call, and wait for, between two small parts of the work. It pauses when it is time to. */
export function breather(): () => Promise<void> {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < MAX_WORK_MS) return;
    await pause();
    began = performance.now();
  };
}
