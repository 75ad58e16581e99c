/** Asks for an address. Mounted with what it is in, so that it begins with the address at the cursor. */

import { type FormEvent, useState } from "react";
import { Button } from "#ui/button.tsx";
import { TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";

type AddressFormProps = {
  current: string;
  hint?: string;
  /** Why it cannot be used, in words. */
  refusalOf: (address: string) => string | undefined;
  /** Empty to take it away. */
  onSubmit: (address: string) => void;
};

export function AddressForm({ current, hint, refusalOf, onSubmit }: AddressFormProps) {
  const { inputs, common } = words();
  const [address, setAddress] = useState(current);
  const [refusal, setRefusal] = useState<string | undefined>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The form of the record lies around this one.
    event.stopPropagation();
    const whole = wholeAddress(address);
    const refused = whole === "" ? undefined : refusalOf(whole);
    if (refused) setRefusal(refused);
    else onSubmit(whole);
  };
  return (
    <form noValidate onSubmit={submit} className="flex w-72 flex-col gap-3">
      <TextField
        label={inputs.richText.address}
        type="url"
        placeholder="https://"
        value={address}
        hint={hint}
        error={refusal}
        onChange={(event) => setAddress(event.target.value)}
      />
      <div className="flex justify-end gap-2">
        {current !== "" && <Button onClick={() => onSubmit("")}>{common.remove}</Button>}
        <Button type="submit" look="primary">
          {common.save}
        </Button>
      </div>
    </form>
  );
}

/** `example.com/x` is typed for `https://example.com/x`. */
export function wholeAddress(typed: string): string {
  const address = typed.trim();
  return /^[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)/.test(address) ? `https://${address}` : address;
}
