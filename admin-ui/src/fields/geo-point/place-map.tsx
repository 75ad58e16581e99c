/** The map, drawn with Leaflet. Loaded when it is first shown. */

import { Crosshair } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { Button } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { createPlaceMap, type PlaceMapControl } from "./leaflet-map.ts";
import { formatPoint, type Point } from "./point.ts";
import "leaflet/dist/leaflet.css";
import "./place-map.css";

type PlaceMapProps = { point: Point | null; onPick: (point: Point) => void };

export function PlaceMap({ point, onPick }: PlaceMapProps) {
  const texts = words().inputs.map;
  const helpId = useId();
  const place = useRef<HTMLDivElement>(null);
  const control = useRef<PlaceMapControl | null>(null);
  const [hasPictures, setPictures] = useState(true);
  const latest = useRef({ point, onPick });
  latest.current = { point, onPick };

  useEffect(() => {
    if (!place.current) return;
    const created = createPlaceMap(place.current, {
      point: latest.current.point,
      onPick: (picked) => latest.current.onPick(picked),
      onPictures: setPictures,
    });
    control.current = created;
    return () => {
      control.current = null;
      created.remove();
    };
  }, []);
  const [lat, lon] = [point?.lat, point?.lon];
  useEffect(() => control.current?.show(lat === undefined || lon === undefined ? null : { lat, lon }), [lat, lon]);

  return (
    <>
      <div
        ref={place}
        // Not only a group: it takes the arrow keys.
        role="application"
        aria-label={texts.label}
        aria-describedby={helpId}
        className="place-map isolate h-72 rounded-lg border border-line bg-raised text-ink-soft"
      />
      <p role="status" className="sr-only">
        {point && formatPoint(point)}
      </p>
      <p role="status" className="text-danger empty:hidden">
        {!hasPictures && texts.noPictures}
      </p>
      <p id={helpId} className="text-xs text-ink-soft">
        {texts.help}
      </p>
      <Button icon={Crosshair} className="self-start" onClick={() => control.current?.putInMiddle()}>
        {texts.toMiddle}
      </Button>
    </>
  );
}
