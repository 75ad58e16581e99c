import { useEffect, useState } from "react";

/** The value as it was `waitMs` ago and has stayed since. For what is typed faster than it can be looked up. */
export function useDelayed<T>(value: T, waitMs: number): T {
  const [delayed, setDelayed] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDelayed(value), waitMs);
    return () => clearTimeout(timer);
  }, [value, waitMs]);
  return delayed;
}
