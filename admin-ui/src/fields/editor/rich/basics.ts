/** How the starter kit's pieces keep what others write. */

import { type Extensions, Mark, Node, type NodeConfig } from "@tiptap/react";
import StarterKit from "@tiptap/starter-kit";

const LANGUAGE = /^language-([\w#+-]{1,30})$/;

/** Which class of which element names the language. Several classes are no language. */
function languageOf(element: Element | null): string | null {
  return LANGUAGE.exec(element?.className ?? "")?.[1] ?? null;
}

export const Basics = StarterKit.extend({
  addExtensions() {
    const extensions: Extensions = this.parent?.() ?? [];
    return extensions.map((extension) => {
      // A class would take the look of one of the page's own.
      if (extension instanceof Mark && extension.name === "link") {
        return extension.extend({
          addAttributes: () => ({ href: plain, target: plain, rel: plain, title: plain, download: plain }),
        });
      }
      // Beside other formatting, not instead of it.
      if (extension instanceof Mark && extension.name === "code") return extension.extend({ excludes: "" });
      if (extension instanceof Node && extension.name === "codeBlock") return extension.extend(CODE_BLOCK);
      return extension;
    });
  },
});

const plain = { default: null };

type Place = "pre" | "code" | "both";

/** `class="language-…"` stands at `pre`, at `code`, or at both. */
const CODE_BLOCK: Partial<NodeConfig> = {
  addAttributes: () => ({
    language: {
      default: null,
      rendered: false,
      parseHTML: (element) => languageOf(element) ?? languageOf(codeIn(element)),
    },
    place: {
      default: "pre",
      rendered: false,
      parseHTML: (element): Place => {
        if (languageOf(codeIn(element)) === null) return "pre";
        return languageOf(element) === null ? "code" : "both";
      },
    },
  }),
  renderHTML({ node, HTMLAttributes }) {
    const { language, place } = node.attrs;
    const named = language ? { class: `language-${language}` } : {};
    const [pre, code] = [place === "code" ? {} : named, place === "pre" ? {} : named];
    return ["pre", { ...HTMLAttributes, ...pre }, ["code", code, 0]];
  },
};

function codeIn(element: Element): Element | null {
  return element.querySelector(":scope > code");
}
