/** The events that an endpoint hears: `orders.create`, `users.signUp`, `*.delete`. Collections by `*` are all of them. */

export const RECORD_ACTIONS = ["create", "update", "delete"] as const;
export const SIGN_UP = "signUp";

export type EventAction = (typeof RECORD_ACTIONS)[number] | typeof SIGN_UP;

export const EVERY_COLLECTION = "*";

const ACTIONS: readonly EventAction[] = [...RECORD_ACTIONS, SIGN_UP];

/** What is heard of one collection. */
export type Listening = { collection: string; actions: EventAction[] };

/** By collection, in the order in which they first occur. What is no event is left out. */
export function readEvents(events: readonly string[]): Listening[] {
  const found = new Map<string, EventAction[]>();
  for (const event of events) {
    const dot = event.lastIndexOf(".");
    const name = event.slice(dot + 1);
    // A sign-up is a new record, too.
    const actions = name === "*" ? RECORD_ACTIONS : ACTIONS.filter((known) => known === name);
    if (dot <= 0 || actions.length === 0) continue;
    const collection = event.slice(0, dot);
    found.set(collection, [...(found.get(collection) ?? []), ...actions]);
  }
  return [...found].map(([collection, actions]) => ({ collection, actions: inOrder(actions) }));
}

export function writeEvents(listening: readonly Listening[]): string[] {
  const events = listening.flatMap(({ collection, actions }) =>
    collection === "" ? [] : inOrder(actions).map((action) => `${collection}.${action}`),
  );
  return [...new Set(events)];
}

/** With or without one of the actions. */
export function toggleAction({ collection, actions }: Listening, action: EventAction): Listening {
  const others = actions.filter((other) => other !== action);
  return { collection, actions: inOrder(others.length < actions.length ? others : [...actions, action]) };
}

function inOrder(actions: readonly EventAction[]): EventAction[] {
  return ACTIONS.filter((action) => actions.includes(action));
}
