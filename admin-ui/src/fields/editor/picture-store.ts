/** Where the pictures of a text can be kept: the file fields of the same record. */

import { client } from "#api/client.ts";
import type { Field, StoredRecord } from "#api/types.ts";
import { formatBytes } from "#lib/format.ts";
import { words } from "#words/words.ts";
import type { InputProps } from "../field-input.ts";
import { readItems } from "../file/input.tsx";
import { acceptFiles, maxBytes, maxFiles } from "../file/upload-limits.ts";
import { addPending } from "./pending-pictures.ts";

const PICTURE = /\.(?:png|jpe?g|gif|webp|avif|svg|bmp)$/i;

export type PictureStore = {
  /** The fields that can hold pictures which everybody who may read the text can see. */
  fields: Field[];
  /** Pictures that are stored in them already. */
  stored: { name: string; address: string }[];
  /** Puts it into a field, or the first that takes it. Gives the address for the text, or why not, in words. */
  add: (file: File, field?: Field) => { address: string } | { refusal: string };
};

export function pictureStore({ collection, record, form }: InputProps): PictureStore {
  const fields = collection.fields.filter(
    (field) => field.type === "file" && !field.protected && mayHoldPictures(field),
  );
  const addTo = (field: Field, file: File) => {
    const items = readItems(form.valueOf(field));
    const isMultiple = maxFiles(field) > 1;
    // The one file of a field is not replaced by a picture in a text.
    const { accepted, refused } = acceptFiles(field, [file], maxFiles(field) - items.length);
    const reason = refused[0]?.reason;
    if (reason) {
      const { inputs } = words();
      const limit = reason === "size" ? formatBytes(maxBytes(field)) : String(maxFiles(field));
      return { refusal: `${field.name}: ${inputs.refusedFile[reason](file.name, limit)}` };
    }
    form.change(field, isMultiple ? [...items, ...accepted] : accepted);
    return { address: addPending(file) };
  };
  return {
    fields,
    stored: record ? fields.flatMap((field) => storedIn(record, form.valueOf(field))) : [],
    add: (file, chosen) => {
      let refusal = words().inputs.richText.noFieldForPictures;
      for (const field of chosen ? [chosen] : fields) {
        const result = addTo(field, file);
        if ("address" in result) return result;
        refusal = result.refusal;
      }
      return { refusal };
    },
  };
}

function mayHoldPictures({ mimeTypes }: Field): boolean {
  return !mimeTypes?.length || mimeTypes.some((type) => type.startsWith("image/"));
}

function storedIn(record: StoredRecord, value: unknown) {
  return readItems(value)
    .filter((item) => typeof item === "string")
    .filter((name) => PICTURE.test(name))
    .map((name) => ({ name, address: client.files.getURL(record, name) }));
}
