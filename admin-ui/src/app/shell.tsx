/**
 * The frame around every inner screen: the list of collections on the left, the screen on the right. On a phone the
 * list is a panel behind a button.
 */

import { Dialog } from "@base-ui/react/dialog";
import { Outlet, useLocation } from "@tanstack/react-router";
import { Menu, X } from "lucide-react";
import { useState } from "react";
import { asHref, paths } from "#lib/paths.ts";
import { Brand } from "#ui/brand.tsx";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { AccountBar } from "./account-bar.tsx";
import { useRememberCollection } from "./recent-collections.ts";
import { Sidebar } from "./sidebar.tsx";
import { useAccent } from "./use-accent.ts";

export function Shell() {
  useRememberCollection();
  useAccent();
  return (
    <div className="flex h-full flex-col md:flex-row">
      <button
        type="button"
        onClick={skipToContent}
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-lg focus:bg-moss focus:px-3 focus:py-2 focus:text-on-moss"
      >
        {words().app.skipToContent}
      </button>
      <aside className="hidden w-64 shrink-0 flex-col border-r border-line bg-sunken md:flex">
        <a href={asHref(paths.home())} className="m-3 self-start rounded-lg px-1.5 py-1">
          <Brand />
        </a>
        <Sidebar />
        <AccountBar />
      </aside>
      <PhoneBar />
      <main id="main" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col focus:outline-none">
        <Outlet />
      </main>
    </div>
  );
}

/** A button, because the part after `#` is the route: an ordinary link to an element would leave the screen. */
function skipToContent() {
  document.getElementById("main")?.focus();
}

function PhoneBar() {
  const location = useLocation();
  // Going somewhere closes the panel: it was opened at another address.
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  const isOpen = openedAt === location.pathname;
  return (
    <header className="flex items-center justify-between border-b border-line bg-sunken px-3 py-2 md:hidden">
      <a href={asHref(paths.home())} className="rounded-lg">
        <Brand />
      </a>
      <Dialog.Root open={isOpen} onOpenChange={(open) => setOpenedAt(open ? location.pathname : null)}>
        <Dialog.Trigger render={<IconButton label={words().app.menu} icon={Menu} />} />
        <Dialog.Portal>
          <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/40 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
          <Dialog.Popup className="fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] flex-col bg-sunken shadow-xl transition-transform data-ending-style:-translate-x-full data-starting-style:-translate-x-full">
            <div className="flex items-center justify-between p-3">
              <Dialog.Title className="px-1.5 font-semibold">{words().app.menu}</Dialog.Title>
              <Dialog.Close render={<IconButton label={words().common.close} icon={X} />} />
            </div>
            <Sidebar />
            <AccountBar />
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </header>
  );
}
