/**
 * A map to choose the place on, for those who ask for it. Its pictures come from another server, which learns what is
 * looked at, so nothing is loaded before the person has agreed. This browser remembers that they have.
 */

import { Map as MapIcon } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { ownKey } from "#api/session.ts";
import { keep, readKept } from "#lib/kept.ts";
import { Button } from "#ui/button.tsx";
import { Loading } from "#ui/loading.tsx";
import { words } from "#words/words.ts";
import type { Point } from "./point.ts";

const PlaceMap = lazy(() =>
  import("./place-map.tsx").then(
    (module) => ({ default: module.PlaceMap }),
    () => ({ default: NotLoaded }),
  ),
);

type MapSectionProps = { point: Point | null; onPick: (point: Point) => void };

export function MapSection({ point, onPick }: MapSectionProps) {
  const texts = words().inputs.map;
  const id = useId();
  const key = ownKey("map_agreed");
  const [isOpen, setOpen] = useState(false);
  const [isAgreed, setAgreed] = useState(() => readKept(key) === true);
  const agree = () => {
    keep(key, true);
    setAgreed(true);
  };
  const withdraw = () => {
    keep(key, undefined);
    setAgreed(false);
    setOpen(false);
  };
  return (
    <>
      <button
        type="button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => {
          // It may have been agreed to at another field.
          setAgreed(readKept(key) === true);
          setOpen(!isOpen);
        }}
        className="inline-flex items-center gap-1.5 self-start rounded-sm text-sm text-moss-strong underline decoration-moss/40 hover:decoration-current"
      >
        <MapIcon className="size-4" aria-hidden />
        {isOpen ? texts.hide : texts.show}
      </button>
      {isOpen && (
        <div id={id} className="flex flex-col gap-2 rounded-xl border border-line bg-sunken p-3 text-sm">
          {isAgreed ? (
            <>
              <Suspense fallback={<Loading />}>
                <PlaceMap point={point} onPick={onPick} />
              </Suspense>
              <p className="text-xs text-ink-soft">
                {texts.agreed}{" "}
                <button type="button" onClick={withdraw} className="rounded-sm underline hover:text-ink">
                  {texts.withdraw}
                </button>
              </p>
            </>
          ) : (
            <>
              <p>{texts.consent}</p>
              <Button look="primary" onClick={agree} className="self-start">
                {texts.agree}
              </Button>
            </>
          )}
        </div>
      )}
    </>
  );
}

function NotLoaded(_props: MapSectionProps) {
  return (
    <p role="alert" className="text-danger">
      {words().inputs.map.notLoaded}
    </p>
  );
}
