import { expect, test } from "vitest";
import { emptyHistory, remember, takeRedo, takeUndo, without } from "./history.ts";

test("steps are undone last first, and done again in order", () => {
  let history = remember(remember(emptyHistory<string>(), "a"), "b");
  const undone = takeUndo(history);
  expect(undone?.step).toBe("b");
  history = undone?.history ?? history;
  expect(takeRedo(history)?.step).toBe("b");
  expect(takeUndo(history)?.step).toBe("a");
});

test("a new step makes the undone ones unreachable", () => {
  const undone = takeUndo(remember(emptyHistory<string>(), "a"));
  const history = remember(undone?.history ?? emptyHistory(), "c");
  expect(takeRedo(history)).toBeNull();
  expect(takeUndo(history)?.step).toBe("c");
  expect(takeUndo(emptyHistory())).toBeNull();
});

test("one step can be taken out from among the others", () => {
  const history = remember(remember(emptyHistory<string>(), "a"), "b");
  const rest = without(history, "a");
  expect(rest?.done).toEqual(["b"]);
  expect(without(rest ?? history, "a")).toBeNull();
});
