/** Fills in where the person at the screen is, if the browser may tell. */

import { LocateFixed } from "lucide-react";
import { useState } from "react";
import { words } from "#words/words.ts";
import type { Point } from "./point.ts";

const PATIENCE_MS = 15_000;

/** About a metre; more digits than that are noise. */
const DECIMALS = 5;

type State = "idle" | "asking" | "refused" | "unknown";

export function MyPosition({ onFound }: { onFound: (point: Point) => void }) {
  const { inputs, common } = words();
  const [state, setState] = useState<State>("idle");
  // Browsers tell the position only to pages that came over HTTPS or from this machine.
  if (!isSecureContext || !("geolocation" in navigator)) return null;
  const ask = () => {
    setState("asking");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        setState("idle");
        onFound({ lat: round(coords.latitude), lon: round(coords.longitude) });
      },
      ({ code, PERMISSION_DENIED }) => setState(code === PERMISSION_DENIED ? "refused" : "unknown"),
      { timeout: PATIENCE_MS, maximumAge: 60_000, enableHighAccuracy: true },
    );
  };
  return (
    <>
      <button
        type="button"
        disabled={state === "asking"}
        onClick={ask}
        className="inline-flex items-center gap-1.5 self-start rounded-sm text-sm text-moss-strong underline decoration-moss/40 hover:decoration-current disabled:opacity-55"
      >
        <LocateFixed className="size-4" aria-hidden />
        {state === "asking" ? common.oneMoment : inputs.myPosition}
      </button>
      <p role="status" className="text-sm text-danger empty:hidden">
        {state === "refused" && inputs.positionRefused}
        {state === "unknown" && inputs.positionUnknown}
      </p>
    </>
  );
}

function round(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS));
}
