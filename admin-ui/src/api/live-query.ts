/** For what changes by itself and is looked at: it is asked for every few seconds. */

const LIVE_EVERY_MS = 3_000;

/** Nobody looks at a hidden tab. When it is shown again, it is asked for once more. */
export const liveQuery = {
  refetchInterval: LIVE_EVERY_MS,
  refetchIntervalInBackground: false,
  refetchOnWindowFocus: true,
} as const;
