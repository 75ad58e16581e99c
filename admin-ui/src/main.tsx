import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "#app/app.tsx";
import { applyAccent } from "#lib/accent/applied.ts";
import { applyTheme } from "#lib/theme.ts";
import { loadWords } from "#words/words.ts";
import "./styles.css";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root");

applyTheme();
applyAccent();
await loadWords();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
