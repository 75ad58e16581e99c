/** A preview of a file that is not uploaded yet. */

import { useEffect, useState } from "react";
import { Thumb } from "./thumb.tsx";

const PREVIEWED = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;

export function NewThumb({ file, className }: { file: File; className: string }) {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (!PREVIEWED.test(file.type)) return;
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  if (address === null) return <Thumb name={file.name} urls={null} className={className} />;
  return <img src={address} alt="" className={`${className} rounded-md border border-line object-cover`} />;
}
