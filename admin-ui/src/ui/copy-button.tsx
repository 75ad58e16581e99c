/** Copies a text and says so for a moment. */

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { words } from "#words/words.ts";
import { Button, IconButton } from "./button.tsx";

const SAID_FOR_MS = 1600;

type CopyButtonProps = { text: string; label: string; isIconOnly?: boolean };

export function CopyButton({ text, label, isIconOnly = false }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);

  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  const icon = isCopied ? Check : Copy;
  if (isIconOnly)
    return (
      <IconButton label={isCopied ? words().common.copied : label} icon={icon} onClick={copy} className="size-8" />
    );
  return (
    <Button icon={icon} onClick={copy}>
      {isCopied ? words().common.copied : label}
    </Button>
  );
}
