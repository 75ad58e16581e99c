/** The history of addresses, whose entries are all numbered: going back after a refusal to leave counts steps by that. */

import { createHashHistory, type RouterHistory } from "@tanstack/react-router";

/** An address that was typed, or set by `location.hash`, makes an entry that the router has not numbered. */
export function createNumberedHistory(): RouterHistory {
  // As the browser has it. The router's own tells the router.
  const replaceState = window.history.replaceState.bind(window.history);
  // Before the router listens.
  window.addEventListener("popstate", () => {
    const state: unknown = window.history.state;
    if (Object(state).__TSR_index !== undefined) return;
    const { __TSR_index: index } = history.location.state;
    const key = crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36);
    replaceState({ ...Object(state), __TSR_index: index + 1, __TSR_key: key, key }, "");
  });
  const history = createHashHistory();
  return history;
}
