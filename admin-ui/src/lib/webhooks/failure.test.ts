import { expect, test } from "vitest";
import { failureOf } from "./failure.ts";

test.each([
  [204, "", null],
  [0, "", null],
  [302, "", "redirect"],
  [400, "", "badRequest"],
  [403, "", "denied"],
  [404, "", "missing"],
  [410, "", "gone"],
  [422, "", "badRequest"],
  [429, "", "tooMany"],
  [503, "", "server"],
  [0, "the host 10.0.0.1 is not public, and requests to it are not allowed", "private"],
  [0, "it took longer than 15 seconds", "timeout"],
  [0, "the request failed: client error (Connect): dns error: failed to lookup address information", "unknownHost"],
  [0, "the request failed: client error (Connect): tcp connect error: Connection refused (os error 111)", "refused"],
  [0, "the request failed: client error (Connect): invalid peer certificate: Expired", "tls"],
  [0, "the request failed: connection closed before message completed", "broken"],
  [0, "line 2 of the template: unknown filter", "template"],
  [0, "something new", "unknown"],
])("an answer %s with the error “%s” is %s", (status, error, failure) => {
  expect(failureOf(status, error)).toBe(failure);
});
