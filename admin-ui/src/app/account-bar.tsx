/** Who is signed in, and the way out. */

import { LogOut } from "lucide-react";
import { signedInEmail, signOut } from "#api/session.ts";
import { IconButton } from "#ui/button.tsx";

export function AccountBar() {
  const email = signedInEmail();
  return (
    <div className="flex items-center gap-2 border-t border-line py-2 pr-2 pl-4">
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium" title={email}>
          {email}
        </p>
        <p className="text-xs text-ink-soft">Superuser: full access</p>
      </div>
      <IconButton label="Sign out" icon={LogOut} onClick={signOut} />
    </div>
  );
}
