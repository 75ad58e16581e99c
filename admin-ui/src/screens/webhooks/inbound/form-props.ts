/** What each part of the form of an incoming webhook is given. */

import type { Inbound } from "#api/inbound.ts";
import type { InboundDraft } from "./draft.ts";

export type FormProps = {
  draft: InboundDraft;
  /** The one that is changed; none while it is new. */
  stored?: Inbound;
  /** What the server finds wrong, by input. */
  problems: Readonly<Record<string, string>>;
  onChange: (draft: InboundDraft) => void;
};
