import { ExternalLink } from "lucide-react";
import { words } from "#words/words.ts";
import { emailInput } from "../email/input.tsx";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asText } from "../values.ts";
import { isWebAddress } from "./web-address.ts";

function UrlInput({ value, onChange, id, describedBy, isInvalid }: InputProps) {
  const address = asText(value);
  return (
    <div className="relative">
      <input
        id={id}
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        value={address}
        placeholder="https://"
        aria-describedby={describedBy}
        aria-invalid={isInvalid || undefined}
        onChange={(event) => onChange(event.target.value)}
        className={`${boxClass(isInvalid)} h-10 pr-11`}
      />
      {isWebAddress(address) && (
        <a
          href={address}
          target="_blank"
          rel="noreferrer"
          aria-label={words().inputs.openAddress}
          title={words().inputs.openAddress}
          className="absolute top-0.5 right-0.5 flex size-9 items-center justify-center rounded-md text-ink-soft hover:text-ink"
        >
          <ExternalLink className="size-4" aria-hidden />
        </a>
      )}
    </div>
  );
}

export const urlInput: FieldInput = {
  Input: UrlInput,
  fromStored: asText,
  toSent: (value) => asText(value).trim(),
  hint: emailInput.hint,
};
