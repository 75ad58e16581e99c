import { expect, test, vi } from "vitest";
import { type Outcome, Unsaved, type Values } from "./unsaved.ts";

type Call = { key: string; values: Values; isNew: boolean; answer: (outcome: Outcome<Values>) => Promise<void> };

type Piece = { keys: string[]; answer: (outcomes: Outcome<Values>[]) => Promise<void> };

/** Records go by tens. */
function setUpPieces(atOnce = 1) {
  const pieces: Piece[] = [];
  const saved: string[] = [];
  const unsaved = new Unsaved<Values>({
    atOnce,
    rowsInOne: () => 10,
    onSaved: (key) => saved.push(key),
    send: (rows) =>
      new Promise((resolve) => {
        const answer = async (outcomes: Outcome<Values>[]) => {
          resolve(outcomes);
          await new Promise((done) => setTimeout(done));
        };
        pieces.push({ keys: rows.map(({ key }) => key), answer });
      }),
  });
  return { unsaved, pieces, saved };
}

function setUp(atOnce = 2) {
  const calls: Call[] = [];
  const saved: string[] = [];
  const unsaved = new Unsaved<Values>({
    atOnce,
    onSaved: (key) => saved.push(key),
    rowsInOne: () => 1,
    send: ([row]) =>
      new Promise((resolve) => {
        const answer = async (outcome: Outcome<Values>) => {
          resolve([outcome]);
          await new Promise((done) => setTimeout(done));
        };
        if (row) calls.push({ ...row, answer });
      }),
  });
  const call = (index: number): Call => {
    const found = calls[index];
    if (!found) throw new Error(`there is no call ${index}`);
    return found;
  };
  return { unsaved, calls, call, saved };
}

const good: Outcome<Values> = { status: "saved", record: {} };
const refused = (fields: Record<string, string>): Outcome<Values> => ({
  status: "refused",
  refusal: { message: "Failed.", fields },
});

test("changes to one record are put together while it is being saved", async () => {
  const { unsaved, calls, call } = setUp();
  unsaved.change("a", { x: 1 });
  unsaved.change("a", { x: 2 });
  unsaved.change("a", { y: 3 });
  expect(calls.length).toBe(1);
  await call(0).answer(good);
  expect(call(1).values).toEqual({ x: 2, y: 3 });
  expect(unsaved.row("a")?.values).toEqual({ x: 2, y: 3 });
  await call(1).answer(good);
  expect(unsaved.row("a")).toBeUndefined();
  expect(unsaved.progress().unsaved).toBe(0);
});

test("no more records than allowed are saved at a time", async () => {
  const { unsaved, calls, call } = setUp(2);
  for (const key of ["a", "b", "c", "d"]) unsaved.change(key, { x: 1 });
  expect(calls.map(({ key }) => key)).toEqual(["a", "b"]);
  await call(0).answer(good);
  expect(calls.map(({ key }) => key)).toEqual(["a", "b", "c"]);
});

test("a refused value is kept and not sent again; the others are saved without it", async () => {
  const { unsaved, calls, call, saved } = setUp();
  unsaved.change("a", { good: 1, bad: "x" });
  await call(0).answer(refused({ bad: "Not so." }));
  expect(call(1).values).toEqual({ good: 1 });
  await call(1).answer(good);
  expect(unsaved.row("a")?.values).toEqual({ bad: "x" });
  expect(unsaved.row("a")?.refused).toEqual({ bad: "Not so." });
  expect(calls.length).toBe(2);
  expect(saved).toEqual(["a"]);

  unsaved.retry("a");
  expect(call(2).values).toEqual({ bad: "x" });
  await call(2).answer(refused({ bad: "Not so." }));
  unsaved.discard("a", "bad");
  expect(unsaved.row("a")).toBeUndefined();
  expect(unsaved.progress().refused).toBe(0);
});

test("a refusal that names no field is shown at all that was sent, and is not repeated", async () => {
  const { unsaved, calls, call } = setUp();
  unsaved.change("a", { x: 1, y: 2 });
  await call(0).answer(refused({}));
  expect(unsaved.row("a")?.refused).toEqual({ x: "Failed.", y: "Failed." });
  expect(calls.length).toBe(1);
});

test("a new record is sent whole again when a missing value is filled in", async () => {
  const { unsaved, calls, call } = setUp();
  unsaved.change("new", { name: "Ana" }, true);
  await call(0).answer(refused({ email: "Please fill this in." }));
  expect(calls.length).toBe(1);
  expect(unsaved.row("new")?.refused).toEqual({ email: "Please fill this in." });
  unsaved.change("new", { email: "ana@example.com" });
  expect(call(1)).toMatchObject({ values: { name: "Ana", email: "ana@example.com" }, isNew: true });
  await call(1).answer(good);
  expect(unsaved.keys()).toEqual([]);
});

test("a server that cannot be reached is asked again later, and nothing is lost", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { unsaved, calls, call } = setUp();
  unsaved.change("a", { x: 1 });
  call(0).answer({ status: "later", afterMs: 1000, message: "Not answering." });
  await vi.advanceTimersByTimeAsync(10);
  expect(unsaved.progress().waiting).toBe("Not answering.");
  unsaved.change("b", { x: 2 });
  expect(calls.length).toBe(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(calls.map(({ key }) => key)).toEqual(["a", "a", "b"]);
  vi.useRealTimers();
});

test("what waits can be cancelled; what is under way is finished", async () => {
  const { unsaved, call } = setUp(1);
  for (const key of ["a", "b", "c"]) unsaved.change(key, { x: 1 });
  expect(unsaved.cancel()).toEqual(["b", "c"]);
  await call(0).answer(good);
  expect(unsaved.keys()).toEqual([]);
});

test("listeners of a record hear of it alone", async () => {
  const { unsaved } = setUp();
  const heard = vi.fn();
  unsaved.subscribe("a", heard);
  unsaved.change("b", { x: 1 });
  expect(heard).not.toHaveBeenCalled();
  unsaved.change("a", { x: 1 });
  expect(heard).toHaveBeenCalled();
});

test("a text that is no value is kept and never sent", async () => {
  const { unsaved, calls, call } = setUp();
  unsaved.hold("a", { price: { text: "cheap", why: "This is not a number." } });
  expect(calls.length).toBe(0);
  unsaved.change("a", { name: "x" });
  expect(call(0).values).toEqual({ name: "x" });
  await call(0).answer(good);
  unsaved.retry("a");
  expect(calls.length).toBe(1);
  expect(unsaved.row("a")?.refused).toEqual({ price: "This is not a number." });
  unsaved.change("a", { price: 5 });
  expect(call(1).values).toEqual({ price: 5 });
});

test("records of one act go together, and each has its own outcome", async () => {
  const { unsaved, pieces, saved } = setUpPieces();
  const keys = Array.from({ length: 12 }, (_, index) => `k${index}`);
  unsaved.changeAll(keys.map((key) => ({ key, values: { x: 1 }, isNew: false })));
  expect(pieces.map((piece) => piece.keys.length)).toEqual([10]);
  const outcomes = keys.slice(0, 10).map((key) => (key === "k3" ? refused({ x: "Not so." }) : good));
  await pieces[0]?.answer(outcomes);
  expect(saved.length).toBe(9);
  expect(unsaved.row("k3")?.refused).toEqual({ x: "Not so." });
  expect(pieces[1]?.keys).toEqual(["k10", "k11"]);
  unsaved.change("k3", { x: 2 });
  await pieces[1]?.answer([good, good]);
  expect(pieces[2]?.keys).toEqual(["k3"]);
  await pieces[2]?.answer([good]);
  expect(unsaved.keys()).toEqual([]);
});

test("what could not be sent with the others waits for its turn", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { unsaved, pieces } = setUpPieces();
  unsaved.changeAll(["a", "b"].map((key) => ({ key, values: { x: 1 }, isNew: false })));
  const later: Outcome<Values> = { status: "later", afterMs: 1000, message: "Not answering." };
  void pieces[0]?.answer([good, later]);
  await vi.advanceTimersByTimeAsync(1010);
  expect(pieces.map((piece) => piece.keys)).toEqual([["a", "b"], ["b"]]);
  vi.useRealTimers();
});

test("a row that gets another key keeps what was refused, and is saved under the new key", async () => {
  const { unsaved, calls, call, saved } = setUp();
  unsaved.change("new:1", { name: "a" }, true);
  await call(0).answer(good);
  unsaved.hold("new:1", { price: { text: "abc", why: "No number." } });
  unsaved.move("new:1", "id1");
  expect(unsaved.row("new:1")).toBeUndefined();
  expect(unsaved.row("id1")?.refused).toEqual({ price: "No number." });
  expect(unsaved.progress()).toMatchObject({ unsaved: 1, refused: 1 });
  unsaved.change("id1", { price: 5 });
  expect(calls[1]).toMatchObject({ key: "id1", values: { price: 5 }, isNew: false });
  await call(1).answer(good);
  expect(saved).toEqual(["new:1", "id1"]);
  expect(unsaved.keys()).toEqual([]);
});

test("a row that gets another key while it is sent is refused or saved under the new one, once", async () => {
  const { unsaved, calls, call } = setUp();
  unsaved.change("new:1", { price: 99 });
  unsaved.change("new:1", { name: "b" });
  unsaved.move("new:1", "id1");
  unsaved.change("id1", { size: 3 });
  expect(calls.length).toBe(1);
  await call(0).answer(refused({ price: "Too high." }));
  expect(unsaved.row("id1")).toMatchObject({ refused: { price: "Too high." }, isSending: true });
  expect(calls[1]).toMatchObject({ key: "id1", values: { name: "b", size: 3 } });
  await call(1).answer(good);
  expect(unsaved.row("id1")?.values).toEqual({ price: 99 });
  expect(unsaved.keys()).toEqual(["id1"]);
});
