/** Makes a new secret, beside which the old one stays valid for a while. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { explain } from "#api/errors.ts";
import { keys } from "#api/keys.ts";
import { rotateSecret, type Webhook, type WebhookWithSecret } from "#api/webhooks.ts";
import { Dialog } from "#ui/dialog.tsx";
import { Form } from "#ui/form.tsx";
import { SelectField } from "#ui/text-field.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";

type RotateDialogProps = {
  webhook: Webhook;
  isOpen: boolean;
  onRotated: (webhook: WebhookWithSecret) => void;
  onClose: () => void;
};

const OVERLAPS = ["24", "1", "72", "168", "0"] as const;

export function RotateDialog(props: RotateDialogProps) {
  return (
    <Dialog isOpen={props.isOpen} title={words().webhooks.rotateTitle} onClose={props.onClose}>
      <Rotation {...props} />
    </Dialog>
  );
}

function Rotation({ webhook, onRotated, onClose }: RotateDialogProps) {
  const texts = words().webhooks;
  const cache = useQueryClient();
  const [overlap, setOverlap] = useState<(typeof OVERLAPS)[number]>("24");
  const [signature, setSignature] = useState(webhook.signature);
  const rotating = useMutation({
    mutationFn: () => rotateSecret(webhook.id, { overlapHours: Number(overlap), signature }),
    onSuccess: (rotated) => {
      onRotated(rotated);
      toastDone(texts.rotated);
      onClose();
      return cache.invalidateQueries({ queryKey: keys.webhooks() });
    },
  });
  const problem = rotating.error ? explain(rotating.error) : null;
  return (
    <Form
      submitLabel={texts.rotate}
      isSending={rotating.isPending}
      error={problem ? (problem.fields.overlapHours ?? problem.message) : undefined}
      onSubmit={(event) => {
        event.preventDefault();
        rotating.mutate();
      }}
    >
      <p className="text-ink-soft">{texts.rotateLead}</p>
      <SelectField
        label={texts.overlap}
        value={overlap}
        options={OVERLAPS.map((value) => ({ value, label: texts.overlaps[value] }))}
        onChange={setOverlap}
      />
      <SelectField
        label={texts.signature}
        value={signature}
        options={[
          { value: "v1", label: texts.signatures.v1 },
          { value: "v1a", label: texts.signatures.v1a },
        ]}
        onChange={setSignature}
      />
    </Form>
  );
}
