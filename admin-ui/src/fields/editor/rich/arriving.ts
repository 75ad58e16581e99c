/** What comes in by dropping and pasting. */

import type { EditorView } from "@tiptap/pm/view";
import { toastProblem } from "#ui/toast.tsx";
import type { PictureStore } from "../picture-store.ts";

/** Pictures go into a field of the record. Whether there was anything to do. */
export function putFiles(
  view: EditorView,
  data: DataTransfer | null,
  store: PictureStore,
  place?: { left: number; top: number },
): boolean {
  const files = [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
  // Office programs put a picture of the text beside the text.
  if (files.length === 0 || data?.types.includes("text/html")) return false;
  let at = place ? view.posAtCoords(place)?.pos : undefined;
  for (const file of files) {
    const result = store.add(file);
    if ("refusal" in result) {
      toastProblem(result.refusal);
      continue;
    }
    const node = view.state.schema.nodes.image?.create({ src: result.address, alt: "" });
    if (!node) continue;
    view.dispatch(at === undefined ? view.state.tr.replaceSelectionWith(node) : view.state.tr.insert(at, node));
    if (at !== undefined) at += node.nodeSize;
  }
  return true;
}

/** Fonts, colours and classes of other sites and programs stay there. What was copied here keeps its own. */
export function withoutForeignLook(html: string): string {
  if (html.includes("data-pm-slice")) return html;
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const element of page.body.querySelectorAll("[style], [class], [bgcolor]")) {
    for (const name of ["style", "class", "bgcolor"]) element.removeAttribute(name);
  }
  return page.body.innerHTML;
}
