import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { client } from "./client.ts";
import type { Job } from "./jobs.ts";
import { deleteSoon } from "./pending-deletions.ts";
import { deleteHiddenJob, hideJob } from "./pending-job-deletions.ts";
import { deleteRows } from "./rows.ts";
import { signOut } from "./session.ts";
import type { Collection } from "./types.ts";

const goods = { name: "goods", fields: [] } as unknown as Collection; // nothing else of it is read
/** Far in the future. */
const TOKEN = `x.${btoa(JSON.stringify({ exp: 9_999_999_999 }))}.x`;

let asked: string[];

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", async (address: string, { method, headers }: RequestInit) => {
    const isSuperuser = new Headers(headers).get("Authorization") === TOKEN;
    asked.push(`${method} ${new URL(address).pathname} ${isSuperuser ? "superuser" : "guest"}`);
    return new Response(isSuperuser ? null : "{}", { status: isSuperuser ? 204 : 404 });
  });
  client.authStore.save(TOKEN, { id: "anna", collectionId: "", collectionName: "_superusers" });
});
afterEach(() => vi.unstubAllGlobals());

test("deletions that wait are carried out before somebody signs out, and only once", async () => {
  const pending = deleteSoon(goods, ["a", "b"]);
  const job = { id: "j" } as Job; // nothing else of it is read
  hideJob(job);
  signOut();
  expect(asked.toSorted()).toEqual([
    "DELETE /api/collections/goods/records/a superuser",
    "DELETE /api/collections/goods/records/b superuser",
    "DELETE /api/jobs/j superuser",
  ]);
  expect(pending.isWaiting()).toBe(false);
  await pending.carryOut();
  await deleteHiddenJob(job);
  expect(asked).toHaveLength(3);
});

test("what a guest does not find is not deleted", async () => {
  client.authStore.clear();
  const [outcome] = await deleteRows(goods, ["a"]);
  expect(asked).toEqual(["DELETE /api/collections/goods/records/a guest"]);
  expect(outcome?.status).toBe("refused");
});
