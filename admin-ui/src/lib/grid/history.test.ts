import { expect, test } from "vitest";
import { emptyHistory, remember, takeRedo, takeUndo } from "./history.ts";

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
