import { useEffect } from "react";

/** The browser tab says where one is. */
export function usePageTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Steading`;
  }, [title]);
}
