/** The address to enter at the sender, with a word about one that cannot be reached. */

import { asHref, paths } from "#lib/paths.ts";
import { CodeBlock } from "#ui/code-block.tsx";
import { Notice } from "#ui/notice.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";

export function AddressBlock({ address, isNearby }: { address: string; isNearby: boolean }) {
  const texts = words().inbound;
  return (
    <div className="flex flex-col gap-1.5">
      <p className="text-sm font-medium">{texts.address}</p>
      <CodeBlock code={address} label={texts.theAddress} />
      {isNearby ? (
        <Notice>
          {texts.isLocal} <TextLink href={asHref(paths.settings("application"))}>{texts.toAppSettings}</TextLink>
        </Notice>
      ) : (
        <p className="text-sm text-ink-soft">{texts.addressLead}</p>
      )}
    </div>
  );
}
