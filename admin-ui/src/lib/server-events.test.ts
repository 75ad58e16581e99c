import { expect, test } from "vitest";
import { parseEvent, readEvents } from "./server-events.ts";

test("a block has a name and its data, a comment has none", () => {
  expect(parseEvent('event: progress\ndata: {"done":1}')).toEqual({ event: "progress", data: '{"done":1}' });
  expect(parseEvent("data: a\ndata:b")).toEqual({ event: "message", data: "a\nb" });
  expect(parseEvent(": keep open")).toBeNull();
});

test("events are found however the stream is cut", async () => {
  const bytes = new TextEncoder().encode("event: a\ndata: ä\n\n: x\n\nevent: b\ndata: 2\n\n");
  for (let size = 1; size < 12; size++) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.slice(at * size, at * size + size),
    );
    const events = [];
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    for await (const event of readEvents(body)) events.push(event);
    expect(events).toEqual([
      { event: "a", data: "ä" },
      { event: "b", data: "2" },
    ]);
  }
});
