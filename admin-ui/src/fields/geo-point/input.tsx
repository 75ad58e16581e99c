/** A place: two numbers, or what a map gives when one copies a place from it. */

import { MapPin, X } from "lucide-react";
import type { ClipboardEvent } from "react";
import { IconButton } from "#ui/button.tsx";
import { words } from "#words/words.ts";
import { boxClass, type FieldInput, type InputProps } from "../field-input.ts";
import { asText } from "../values.ts";
import { MapSection } from "./map-section.tsx";
import { MyPosition } from "./my-position.tsx";
import { parsePoint } from "./parse-point.ts";
import { formatPoint, mapUrl, type Point, readPoint } from "./point.ts";
import { readDegrees } from "./read-degrees.ts";

/** As typed, so that half a number is not lost. */
type Typed = { lat: string; lon: string };

const NOWHERE: Typed = { lat: "", lon: "" };

function GeoPointInput({ field, value, onChange, id, describedBy, isInvalid }: InputProps) {
  const { inputs } = words();
  const typed = readTyped(value);
  const point = toPoint(typed);
  const put = ({ lat, lon }: Point) => onChange({ lat: String(lat), lon: String(lon) });
  const paste = (event: ClipboardEvent) => {
    const pasted = parsePoint(event.clipboardData.getData("text"));
    if (!pasted) return;
    event.preventDefault();
    put(pasted);
  };
  const part = (key: keyof Typed, label: string, partId: string) => (
    <label className="flex min-w-0 flex-1 flex-col gap-1 text-xs text-ink-soft">
      {label}
      <input
        id={partId}
        type="text"
        inputMode="decimal"
        autoComplete="off"
        value={typed[key]}
        aria-describedby={describedBy}
        aria-invalid={isInvalid || undefined}
        onPaste={paste}
        onChange={({ target }) => onChange({ ...typed, [key]: target.value })}
        className={`${boxClass(isInvalid)} h-10 text-[15px] tabular-nums`}
      />
    </label>
  );
  return (
    <fieldset aria-labelledby={`${id}-label`} className="flex flex-col gap-1.5">
      <div className="flex items-end gap-2">
        {part("lat", inputs.latitude, id)}
        {part("lon", inputs.longitude, `${id}-lon`)}
        {(typed.lat !== "" || typed.lon !== "") && (
          <IconButton
            label={inputs.emptyPlace(field.name)}
            icon={X}
            className="mb-0.5"
            onClick={() => onChange(NOWHERE)}
          />
        )}
      </div>
      <MyPosition onFound={put} />
      <MapSection point={point} onPick={put} />
      {point && (
        <a
          href={mapUrl(point)}
          target="_blank"
          rel="noreferrer"
          className="inline-flex items-center gap-1.5 self-start text-sm text-moss-strong underline decoration-moss/40 hover:decoration-current"
        >
          <MapPin className="size-4" aria-hidden />
          {inputs.showOnMap(formatPoint(point))}
        </a>
      )}
    </fieldset>
  );
}

function readTyped(value: unknown): Typed {
  const { lat, lon } = Object(value) as { lat?: unknown; lon?: unknown }; // the form may hold anything
  return { lat: asText(lat), lon: asText(lon) };
}

function toPoint({ lat, lon }: Typed) {
  return readPoint({ lat: readDegrees(lat), lon: readDegrees(lon) });
}

export const geoPointInput: FieldInput = {
  Input: GeoPointInput,
  isGroup: true,
  fromStored: (value) => {
    const point = readPoint(value);
    return point ? { lat: String(point.lat), lon: String(point.lon) } : NOWHERE;
  },
  toSent: (value) => {
    const { lat, lon } = readTyped(value);
    return { lat: readDegrees(lat) ?? 0, lon: readDegrees(lon) ?? 0 };
  },
  problem: (value) => {
    const typed = readTyped(value);
    const [lat, lon] = [readDegrees(typed.lat), readDegrees(typed.lon)];
    if (lat === null || lon === null) return words().inputs.noNumber;
    if (Math.abs(lat) > 90) return words().inputs.latitudeRange;
    return Math.abs(lon) > 180 ? words().inputs.longitudeRange : undefined;
  },
  hint: () => words().inputs.placeHint,
};
