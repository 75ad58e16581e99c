/** A link inside text. One that leaves the dashboard opens its own tab and tells nobody where it came from. */

import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { words } from "#words/words.ts";

type TextLinkProps = { href: string; isExternal?: boolean; children: ReactNode };

export function TextLink({ href, isExternal = false, children }: TextLinkProps) {
  const target = isExternal ? { target: "_blank", rel: "noreferrer" } : {};
  return (
    <a
      href={href}
      className="break-words text-moss-strong underline decoration-moss/40 hover:decoration-current"
      {...target}
    >
      {children}
      {isExternal && (
        <ExternalLink className="ml-1 inline size-3.5 align-[-2px]" aria-label={words().common.opensNewTab} />
      )}
    </a>
  );
}
