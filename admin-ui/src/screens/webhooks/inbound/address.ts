/** Where services send to. */

import { useQuery } from "@tanstack/react-query";
import { serverAddress } from "#api/client.ts";
import { settingsQuery } from "#api/settings.ts";

/** Addresses that only machines nearby can reach. */
const NEARBY =
  /^(localhost|.*\.(localhost|local|internal|lan)|127\..*|10\..*|192\.168\..*|169\.254\..*|172\.(1[6-9]|2\d|3[01])\..*|\[.*\])$/;

export type Addresses = { of: (name: string) => string; isNearby: boolean; isPending: boolean };

/** The address of the app, if that is a public one, else the one of the dashboard. */
export function useAddresses(): Addresses {
  const { data, isPending } = useQuery(settingsQuery());
  const base = publicBase(data?.meta.appURL ?? "", serverAddress());
  return { of: (name) => `${base}/api/inbound/${name}`, isNearby: isNearby(base), isPending };
}

export function publicBase(appUrl: string, own: string): string {
  const given = appUrl.trim().replace(/\/+$/, "");
  return /^https?:\/\//i.test(given) && !isNearby(given) ? given : own;
}

function isNearby(address: string): boolean {
  try {
    return NEARBY.test(new URL(address).hostname);
  } catch {
    return true;
  }
}
