/** Addresses of uploaded files. Protected ones need a short-lived token in their address. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { Field, StoredRecord } from "./types.ts";

/** Tokens live for three minutes unless the superusers' collection says otherwise. */
const TOKEN_USED_FOR_MS = 120_000;

const fileTokenQuery = () =>
  queryOptions({
    queryKey: keys.fileToken(),
    queryFn: ({ signal }) => client.files.getToken({ signal }),
    staleTime: TOKEN_USED_FOR_MS,
    refetchInterval: TOKEN_USED_FOR_MS,
  });

/** The size that the server always makes for dashboards, whatever the field says. */
const THUMB = "100x100";

export type FileUrls = { open: string; download: string; thumb: string };

/** Until the token of a protected file is there, there are no addresses. */
export function useFileUrls(field: Field, record: StoredRecord): (name: string) => FileUrls | null {
  const isProtected = field.protected === true;
  const { data: token } = useQuery({ ...fileTokenQuery(), enabled: isProtected });
  return (name) => {
    if (isProtected && token === undefined) return null;
    const access = isProtected ? { token } : {};
    return {
      open: client.files.getURL(record, name, access),
      download: client.files.getURL(record, name, { ...access, download: true }),
      thumb: client.files.getURL(record, name, { ...access, thumb: THUMB }),
    };
  };
}
