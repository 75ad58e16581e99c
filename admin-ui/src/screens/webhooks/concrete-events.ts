/** Events that can be tried out: an event of all collections is one of each. */

import type { Collection } from "#api/types.ts";
import { EVERY_COLLECTION, readEvents, SIGN_UP } from "#lib/webhooks/events.ts";

const MAX_COLLECTIONS = 30;

export function concreteEvents(events: readonly string[], collections: readonly Collection[]): string[] {
  const own = collections.filter(({ system, type }) => !system && type !== "view").slice(0, MAX_COLLECTIONS);
  const all = readEvents(events).flatMap(({ collection, actions }) => {
    const meant = collection === EVERY_COLLECTION ? own : own.filter(({ name }) => name === collection);
    const names =
      meant.length > 0 ? meant : collection === EVERY_COLLECTION ? [] : [{ name: collection, type: "auth" }];
    return names.flatMap(({ name, type }) =>
      actions.filter((action) => action !== SIGN_UP || type === "auth").map((action) => `${name}.${action}`),
    );
  });
  return [...new Set(all)];
}
