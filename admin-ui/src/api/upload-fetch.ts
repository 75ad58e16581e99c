/** A `fetch` for the SDK that tells how much of a body has been sent. The browser's own cannot say. */

/** From 0 to 1. */
export type OnProgress = (share: number) => void;

type Fetch = (url: RequestInfo | URL, config?: RequestInit) => Promise<Response>;

const WITHOUT_BODY = new Set([204, 205, 304]);

export function uploadFetch(onProgress: OnProgress): Fetch {
  return (url, config = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open(config.method ?? "GET", String(url));
      new Headers(config.headers).forEach((value, name) => {
        request.setRequestHeader(name, value);
      });
      request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
        if (lengthComputable && total > 0) onProgress(loaded / total);
      });
      request.addEventListener("load", () => resolve(toResponse(request)));
      request.addEventListener("error", () => reject(new TypeError("The request failed.")));
      request.addEventListener("abort", () => reject(new DOMException("The request was aborted.", "AbortError")));
      config.signal?.addEventListener("abort", () => request.abort());
      request.send(config.body instanceof ReadableStream ? null : config.body);
    });
}

function toResponse(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split("\r\n")) {
    const [name, ...value] = line.split(": ");
    if (name) headers.append(name, value.join(": "));
  }
  const body = WITHOUT_BODY.has(request.status) ? null : request.responseText;
  return new Response(body, { status: request.status, statusText: request.statusText, headers });
}
