import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { checkEntrySize } from "./vite/check-entry-size.ts";
import { precompress } from "./vite/precompress.ts";
import { scriptReference } from "./vite/script-reference.ts";

/** The running server that `npm run dev` and `npm run preview` talk to. */
const server = process.env.STEADING_URL ?? "http://127.0.0.1:8090";
const proxy = { "/api": { target: server } };

export default defineConfig({
  // The server serves the built files under this path.
  base: "/_/",
  plugins: [react(), tailwindcss(), scriptReference(), checkEntrySize({ limitKib: 240 }), precompress()],
  build: { target: "es2022", sourcemap: false },
  server: { proxy },
  preview: { proxy },
  test: { include: ["src/**/*.test.{ts,tsx}", "vite/**/*.test.ts"], setupFiles: ["src/words/setup-tests.ts"] },
});
