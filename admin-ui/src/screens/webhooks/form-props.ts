/** What each part of the form of an endpoint is given. */

import type { Webhook } from "#api/webhooks.ts";
import type { WebhookDraft } from "./draft.ts";

export type FormProps = {
  draft: WebhookDraft;
  /** The endpoint that is changed; none while it is new. */
  stored?: Webhook;
  /** What the server finds wrong, by input. */
  problems: Readonly<Record<string, string>>;
  onChange: (draft: WebhookDraft) => void;
};
