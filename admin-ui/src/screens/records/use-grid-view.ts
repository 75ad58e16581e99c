/** What of the grid is in sight: it follows the scroll bars and the size of the window. */

import { type RefObject, useCallback, useLayoutEffect, useState } from "react";

export type GridView = { scrollTop: number; scrollLeft: number; width: number; height: number };

export function useGridView(scroller: RefObject<HTMLElement | null>): { view: GridView; onScroll: () => void } {
  const [view, setView] = useState<GridView>({ scrollTop: 0, scrollLeft: 0, width: 1000, height: 600 });
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop, scrollLeft, clientWidth: width, clientHeight: height } = element;
    setView((old) => {
      const isSame =
        old.scrollTop === scrollTop && old.scrollLeft === scrollLeft && old.width === width && old.height === height;
      return isSame ? old : { scrollTop, scrollLeft, width, height };
    });
  }, [scroller]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    onScroll();
    const observer = new ResizeObserver(onScroll);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, onScroll]);
  return { view, onScroll };
}
