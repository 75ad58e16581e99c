/** Which picture, what it shows in words, and how wide. */

import { Upload } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { Field } from "#api/types.ts";
import { classNames } from "#lib/class-names.ts";
import { isShown } from "#lib/safe-html.ts";
import { Button } from "#ui/button.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { SelectField, TextField } from "#ui/text-field.tsx";
import { words } from "#words/words.ts";
import type { PictureStore } from "../picture-store.ts";
import { wholeAddress } from "./address-form.tsx";

export type ImageValues = { address: string; alt: string; width: number | null };

type ImageFormProps = {
  store: PictureStore;
  /** Absent for a new one. */
  current: ImageValues | undefined;
  onSave: (values: ImageValues) => void;
  onRemove: () => void;
};

const MAX_WIDTH = 10_000;

/** Mounted with the popover, so that it begins with the chosen picture. */
export function ImageForm({ store, current, onSave, onRemove }: ImageFormProps) {
  const { inputs, common } = words();
  const { richText } = inputs;
  const [address, setAddress] = useState(current?.address ?? "");
  const [file, setFile] = useState<File | null>(null);
  const [field, setField] = useState<Field | undefined>(store.fields[0]);
  const [alt, setAlt] = useState(current?.alt ?? "");
  const [width, setWidth] = useState(current?.width ?? null);
  const [refusal, setRefusal] = useState<string | undefined>();
  // Neither is an address that one types.
  const isInText = /^(?:data|blob):/i.test(address);
  const whole = wholeAddress(address);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    // The form of the record lies around this one.
    event.stopPropagation();
    const values = { alt: alt.trim(), width: width && width > 0 ? Math.min(width, MAX_WIDTH) : null };
    if (file) {
      const result = store.add(file, field);
      if ("refusal" in result) setRefusal(result.refusal);
      else onSave({ address: result.address, ...values });
    } else if (isInText || /^(?:https?:\/\/|\/)/i.test(whole)) onSave({ address: whole, ...values });
    else setRefusal(richText.noAddress);
  };
  return (
    <form noValidate onSubmit={submit} className="flex w-76 max-w-full flex-col gap-3">
      {store.fields.length > 0 && (
        <>
          <FileChoice
            file={file}
            onFile={(chosen) => {
              setFile(chosen);
              setRefusal(undefined);
            }}
          />
          {file && store.fields.length > 1 && (
            <SelectField
              label={richText.keepIn}
              value={field?.name ?? ""}
              options={store.fields.map(({ name }) => ({ value: name, label: name }))}
              onChange={(chosen) => setField(store.fields.find(({ name }) => name === chosen))}
            />
          )}
          {file && refusal && <p className="text-sm text-danger">{refusal}</p>}
        </>
      )}
      {!file && store.stored.length > 0 && <StoredPictures store={store} address={address} onChoose={setAddress} />}
      {!file && !isInText && (
        <TextField
          label={richText.address}
          type="url"
          placeholder="https://"
          value={address}
          hint={whole !== "" && !isShown(whole) ? richText.imageNotShown : undefined}
          error={refusal}
          onChange={(event) => {
            setAddress(event.target.value);
            setRefusal(undefined);
          }}
        />
      )}
      <TextField
        label={richText.alt}
        hint={richText.altHint}
        value={alt}
        onChange={(event) => setAlt(event.target.value)}
      />
      <NumberField
        label={richText.width}
        value={width}
        isWhole
        unit="px"
        placeholder={richText.ownWidth}
        onChange={setWidth}
      />
      <div className="flex justify-end gap-2">
        {current && <Button onClick={onRemove}>{common.remove}</Button>}
        <Button type="submit" look="primary">
          {current ? common.save : richText.insertImage}
        </Button>
      </div>
    </form>
  );
}

function FileChoice({ file, onFile }: { file: File | null; onFile: (file: File) => void }) {
  const { richText } = words().inputs;
  return (
    <label
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const [dropped] = event.dataTransfer.files;
        if (dropped) onFile(dropped);
      }}
      className="flex cursor-pointer items-center justify-center gap-2 rounded-lg border border-dashed border-line-strong px-3 py-3 text-sm text-ink-soft hover:bg-sunken has-focus-visible:outline-2 has-focus-visible:outline-moss"
    >
      <Upload className="size-4 shrink-0" aria-hidden />
      <span className="min-w-0 truncate">{file ? file.name : richText.chooseFile}</span>
      <input
        type="file"
        accept="image/*"
        aria-label={richText.chooseFile}
        className="sr-only"
        onChange={({ target }) => {
          const [chosen] = target.files ?? [];
          if (chosen) onFile(chosen);
        }}
      />
    </label>
  );
}

type StoredPicturesProps = { store: PictureStore; address: string; onChoose: (address: string) => void };

function StoredPictures({ store, address, onChoose }: StoredPicturesProps) {
  const { richText } = words().inputs;
  return (
    <fieldset aria-label={richText.storedPictures} className="flex max-h-32 flex-wrap gap-1.5 overflow-y-auto p-0.5">
      {store.stored.map((picture) => (
        <button
          key={picture.address}
          type="button"
          aria-label={picture.name}
          title={picture.name}
          aria-pressed={picture.address === address}
          onClick={() => onChoose(picture.address)}
          className={classNames(
            "size-12 overflow-hidden rounded-md border-2",
            picture.address === address ? "border-moss" : "border-line",
          )}
        >
          <img src={`${picture.address}?thumb=100x100`} alt="" className="size-full object-cover" />
        </button>
      ))}
    </fieldset>
  );
}
