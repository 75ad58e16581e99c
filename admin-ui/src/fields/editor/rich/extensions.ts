/** What the editor for rich text knows. A text with anything else is shown as HTML. */

import { Basics } from "./basics.ts";
import { DivBox, DivText } from "./blocks.ts";
import { ImageNode } from "./image-node.ts";
import { KeptAttributes } from "./kept-attributes.ts";
import { Styled, Subscript, Superscript } from "./marks.ts";
import { MediaNode } from "./media-node.ts";
import { TABLES } from "./tables.ts";

export const EXTENSIONS = [
  Basics.configure({
    link: { openOnClick: false, autolink: true, HTMLAttributes: { target: null, rel: null, class: null } },
    trailingNode: false,
  }),
  DivText,
  DivBox,
  ImageNode,
  MediaNode,
  Styled,
  Subscript,
  Superscript,
  ...TABLES,
  KeptAttributes,
];
