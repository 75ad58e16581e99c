import { ClientResponseError } from "pocketbase";
import { expect, test, vi } from "vitest";
import { type SessionChange, SessionGuard } from "./session-guard.ts";

const ANNA = { id: "anna", email: "anna@example.com" };
const BEN = { id: "ben", email: "ben@example.com" };

function setUp({ mayLose = true } = {}) {
  let onChange = () => {};
  const store = {
    token: "first",
    isValid: true,
    record: ANNA as { id: string; email: string } | null,
    onChange: (callback: () => void) => {
      onChange = callback;
      return () => {};
    },
    clear: () => save("", null),
  };
  function save(token: string, record: typeof store.record) {
    Object.assign(store, { token, record, isValid: token !== "" });
    onChange();
  }
  /** What the server takes. */
  const accepted = new Set(["first"]);
  const isAccepted = vi.fn(async (token: string) => accepted.has(token));
  const guard = new SessionGuard({ store, isAccepted, mayLose: () => mayLose });
  const changes: SessionChange[] = [];
  guard.subscribe((change) => changes.push(change));
  const signIn = (token: string, record: typeof ANNA) => {
    accepted.add(token);
    save(token, record);
  };
  /** A request that the server answers to a superuser, and refuses to a guest. */
  const request = (refusal: object = { status: 403 }) =>
    vi.fn(async () => {
      if (!accepted.has(store.token)) throw new ClientResponseError(refusal);
      return `as ${store.token}`;
    });
  return { guard, store, save, accepted, isAccepted, changes, signIn, request };
}

const settle = () => new Promise((done) => setTimeout(done));

test.each([
  { status: 401 },
  { status: 403 },
  // A guest does not see the record.
  { status: 404 },
  { status: 400, data: { data: { requests: { 0: { response: { status: 403 } } } } } },
])("what fails for want of a sign-in is sent again after one: %o", async (refusal) => {
  const { guard, accepted, changes, signIn, request } = setUp();
  await guard.run(request());
  accepted.clear();
  const save = request(refusal);
  const saved = guard.run(save);
  await settle();
  expect(guard.isOver()).toBe(true);
  expect(guard.email()).toBe(ANNA.email);
  expect(save).toHaveBeenCalledTimes(1);
  signIn("second", ANNA);
  expect(await saved).toBe("as second");
  expect(save).toHaveBeenCalledTimes(2);
  expect(changes).toEqual(["over", "resumed"]);
});

test("several requests that fail together ask once, and what begins meanwhile is not sent before the sign-in", async () => {
  const { guard, accepted, isAccepted, changes, signIn, request } = setUp();
  await guard.run(request());
  accepted.clear();
  const requests = [request(), request(), request()];
  const answers = requests.map((one) => guard.run(one));
  await settle();
  const late = request();
  answers.push(guard.run(late));
  await settle();
  expect(isAccepted).toHaveBeenCalledTimes(1);
  expect(changes).toEqual(["over"]);
  expect(late).not.toHaveBeenCalled();
  signIn("second", ANNA);
  expect(await Promise.all(answers)).toEqual(Array(4).fill("as second"));
});

test("a refusal that has nothing to do with the sign-in is told as it is", async () => {
  const { guard, changes, request } = setUp();
  await guard.run(request());
  for (const status of [400, 403, 404, 500, 0]) {
    const refused = guard.run(() => Promise.reject(new ClientResponseError({ status })));
    await expect(refused).rejects.toMatchObject({ status });
  }
  expect(changes).toEqual([]);
});

test("a token whose time is over is not tried", async () => {
  const { guard, store, signIn, request } = setUp();
  await guard.run(request());
  store.isValid = false;
  const save = request();
  const saved = guard.run(save);
  expect(guard.keepsScreens()).toBe(true);
  expect(save).not.toHaveBeenCalled();
  signIn("second", ANNA);
  expect(await saved).toBe("as second");
});

test("another person does not send what somebody has left waiting", async () => {
  const { guard, accepted, changes, signIn, request } = setUp();
  await guard.run(request());
  accepted.clear();
  const save = request();
  const saved = guard.run(save);
  await settle();
  signIn("second", BEN);
  await expect(saved).rejects.toMatchObject({ status: 401 });
  expect(save).toHaveBeenCalledTimes(1);
  expect(changes).toEqual(["over", "replaced"]);
});

test("signing out ends what waits; a token that is refused from the start leads to signing in", async () => {
  const { guard, accepted, changes, request } = setUp();
  await guard.run(request());
  accepted.clear();
  const saved = guard.run(request());
  await settle();
  guard.signOut();
  await expect(saved).rejects.toMatchObject({ status: 401 });
  expect(guard.isOver()).toBe(false);
  expect(changes).toEqual(["over", "leaving", "signed-out"]);

  const stale = setUp();
  stale.accepted.clear();
  await expect(stale.guard.run(stale.request())).rejects.toMatchObject({ status: 403 });
  expect(stale.store.token).toBe("");
  expect(stale.changes).toEqual(["signed-out"]);
});

test("signing out in another window keeps what is not saved in this one, and nothing else", async () => {
  const dirty = setUp({ mayLose: true });
  await dirty.guard.run(dirty.request());
  dirty.save("", null);
  expect(dirty.changes).toEqual(["over"]);
  const saved = dirty.guard.run(dirty.request());
  dirty.signIn("second", ANNA);
  expect(await saved).toBe("as second");

  const clean = setUp({ mayLose: false });
  await clean.guard.run(clean.request());
  clean.save("", null);
  expect(clean.changes).toEqual(["signed-out"]);
});

test("a request that nobody wants any more does not wait", async () => {
  const { guard, store, request } = setUp();
  await guard.run(request());
  store.isValid = false;
  const abort = new AbortController();
  const read = guard.run(request(), abort.signal);
  abort.abort();
  await expect(read).rejects.toMatchObject({ isAbort: true });
});
