/** The collections as boxes, and their links as lines. Every box leads to the editor of its collection. */

import { Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Collection, Field } from "#api/types.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { kindOf } from "#fields/registry.ts";
import { classNames } from "#lib/class-names.ts";
import { asHref, paths } from "#lib/paths.ts";
import { HEAD_HEIGHT, layoutDiagram, type PlacedBox, ROW_HEIGHT } from "#lib/schema/diagram-layout.ts";
import { IconButton } from "#ui/button.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";

const MAX_ROWS = 10;
const MARGIN = 32;
const STEP = 60;
const SMALLEST = 0.2;
/** Names of fields can still be read. */
const LEGIBLE = 0.75;
const LARGEST = 2;

type View = { x: number; y: number; scale: number };

export function Diagram({ collections }: { collections: Collection[] }) {
  const say = words().structure;
  const [showsSystem, setShowsSystem] = useState(false);
  const shown = useMemo(() => collections.filter(({ system }) => showsSystem || !system), [collections, showsSystem]);
  const boxes = useMemo(() => layoutDiagram(shown.map(toNode)), [shown]);
  if (collections.length === 0) return <p className="text-ink-soft">{say.empty}</p>;
  return (
    <div className="flex flex-col gap-3">
      <Canvas boxes={boxes}>
        <Lines collections={shown} boxes={boxes} />
        <ul>
          {shown.map((collection) => {
            const box = boxes.find(({ id }) => id === collection.id);
            return box && <Box key={collection.id} collection={collection} all={collections} box={box} />;
          })}
        </ul>
      </Canvas>
      <SwitchField label={say.showSystem} isOn={showsSystem} onChange={setShowsSystem} />
    </div>
  );
}

/** Links first, because they are what the map is about. */
function rowsOf({ fields }: Collection): Field[] {
  const own = fields.filter(({ system, type }) => !system && type !== "autodate");
  const links = own.filter(({ type }) => type === "relation");
  return [...links, ...own.filter(({ type }) => type !== "relation")];
}

function toNode(collection: Collection) {
  const rows = rowsOf(collection);
  const targets = rows.map(({ collectionId }) => collectionId).filter((id) => id !== undefined && id !== "");
  const more = rows.length > MAX_ROWS ? 1 : 0;
  return {
    id: collection.id,
    rows: Math.min(rows.length, MAX_ROWS) + more,
    targets: targets.filter((id) => id !== undefined),
  };
}

type CanvasProps = { boxes: PlacedBox[]; children: React.ReactNode };

function Canvas({ boxes, children }: CanvasProps) {
  const say = words().structure;
  const area = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>({ x: MARGIN, y: MARGIN, scale: 1 });
  const [grabbed, setGrabbed] = useState<{ x: number; y: number }>();

  const fitInto = (smallest: number) => {
    const bounds = area.current?.getBoundingClientRect();
    if (bounds) setView(fitted(boxes, bounds.width, bounds.height, smallest));
  };
  // A large map begins with a part of it that can be read.
  // biome-ignore lint/correctness/useExhaustiveDependencies: other boxes are another map
  useEffect(() => fitInto(LEGIBLE), [boxes]);

  const zoom = (factor: number) =>
    setView((before) => {
      const bounds = area.current?.getBoundingClientRect();
      const scale = Math.min(LARGEST, Math.max(SMALLEST, before.scale * factor));
      const [middleX, middleY] = [(bounds?.width ?? 0) / 2, (bounds?.height ?? 0) / 2];
      const ratio = scale / before.scale;
      return { scale, x: middleX - (middleX - before.x) * ratio, y: middleY - (middleY - before.y) * ratio };
    });
  const pan = (x: number, y: number) => setView((before) => ({ ...before, x: before.x + x, y: before.y + y }));
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Record<string, () => void> = {
      ArrowLeft: () => pan(STEP, 0),
      ArrowRight: () => pan(-STEP, 0),
      ArrowUp: () => pan(0, STEP),
      ArrowDown: () => pan(0, -STEP),
      "+": () => zoom(1.25),
      "-": () => zoom(0.8),
      "0": () => fitInto(SMALLEST),
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    move();
  };
  /** The keyboard reaches boxes that are out of sight. */
  const onFocus = (event: FocusEvent) => {
    const bounds = area.current?.getBoundingClientRect();
    if (!bounds || grabbed || event.target === event.currentTarget) return;
    const box = event.target.getBoundingClientRect();
    const distance = (from: number, to: number, low: number, high: number) =>
      from < low ? low + MARGIN - from : to > high ? high - MARGIN - to : 0;
    const [x, y] = [
      distance(box.left, box.right, bounds.left, bounds.right),
      distance(box.top, box.bottom, bounds.top, bounds.bottom),
    ];
    if (x !== 0 || y !== 0) pan(x, y);
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("a"))) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setGrabbed({ x: event.clientX, y: event.clientY });
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!grabbed) return;
    pan(event.clientX - grabbed.x, event.clientY - grabbed.y);
    setGrabbed({ x: event.clientX, y: event.clientY });
  };
  return (
    <div className="relative">
      <section
        ref={area}
        aria-label={say.map}
        aria-describedby="diagram-hint"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is moved by the keyboard
        tabIndex={0}
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={() => setGrabbed(undefined)}
        onPointerCancel={() => setGrabbed(undefined)}
        onScroll={(event) => event.currentTarget.scrollTo(0, 0)}
        className={classNames(
          "relative h-[60dvh] min-h-80 touch-none overflow-hidden rounded-2xl border border-line bg-sunken",
          grabbed ? "cursor-grabbing" : "cursor-grab",
        )}
      >
        <div
          className="absolute top-0 left-0 origin-top-left"
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          {children}
        </div>
      </section>
      <div className="absolute right-3 bottom-11 flex gap-1 rounded-xl border border-line bg-raised p-1 shadow-sm">
        <IconButton label={say.zoomOut} icon={ZoomOut} onClick={() => zoom(0.8)} />
        <IconButton label={say.zoomIn} icon={ZoomIn} onClick={() => zoom(1.25)} />
        <IconButton label={say.fit} icon={Maximize} onClick={() => fitInto(SMALLEST)} />
      </div>
      <p id="diagram-hint" className="mt-2 text-sm text-ink-soft">
        {say.mapHint}
      </p>
    </div>
  );
}

function fitted(boxes: PlacedBox[], width: number, height: number, smallest: number): View {
  const right = Math.max(1, ...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(1, ...boxes.map((box) => box.y + box.height));
  const scale = Math.max(smallest, Math.min(1, (width - 2 * MARGIN) / right, (height - 2 * MARGIN) / bottom));
  return { scale, x: Math.max(MARGIN, (width - right * scale) / 2), y: MARGIN };
}

type BoxProps = { collection: Collection; all: Collection[]; box: PlacedBox };

function Box({ collection, all, box }: BoxProps) {
  const say = words().structure;
  const rows = rowsOf(collection);
  const targets = rows
    .map(({ collectionId }) => all.find(({ id }) => id === collectionId)?.name)
    .filter((name) => name !== undefined);
  return (
    <li className="absolute" style={{ left: box.x, top: box.y, width: box.width, height: box.height }}>
      <a
        href={asHref(paths.editCollection(collection.name))}
        draggable={false}
        className="block h-full overflow-hidden rounded-xl border border-line-strong bg-raised shadow-sm hover:border-moss"
      >
        <span
          className="flex items-center gap-2 border-b border-line bg-moss-wash px-3 font-medium text-moss-strong"
          style={{ height: HEAD_HEIGHT }}
        >
          <CollectionIcon type={collection.type} />
          <span className="truncate">{collection.name}</span>
        </span>
        {/* Read out is what the lines show; the fields are in the editor. */}
        {targets.length > 0 && <span className="sr-only">{say.linksTo(targets.join(", "))}</span>}
        {rows.slice(0, MAX_ROWS).map((field) => {
          const { icon: Icon } = kindOf(field);
          return (
            <span
              key={field.id}
              aria-hidden
              className="flex items-center gap-2 px-3 text-[13px]"
              style={{ height: ROW_HEIGHT }}
            >
              <Icon className="size-3.5 shrink-0 text-ink-soft" aria-hidden />
              <span className="truncate">{field.name}</span>
            </span>
          );
        })}
        {rows.length > MAX_ROWS && (
          <span aria-hidden className="block px-3 text-xs leading-6 text-ink-soft">
            {say.moreFields(rows.length - MAX_ROWS)}
          </span>
        )}
      </a>
    </li>
  );
}

function Lines({ collections, boxes }: { collections: Collection[]; boxes: PlacedBox[] }) {
  const find = (id: string | undefined) => boxes.find((box) => box.id === id);
  const lines = collections.flatMap((collection) =>
    rowsOf(collection).flatMap((field, row) => {
      const [from, to] = [find(collection.id), find(field.collectionId)];
      return field.type === "relation" && from && to
        ? [{ key: field.id + collection.id, path: pathOf(from, row, to) }]
        : [];
    }),
  );
  const width = Math.max(1, ...boxes.map((box) => box.x + box.width)) + 120;
  const height = Math.max(1, ...boxes.map((box) => box.y + box.height)) + 60;
  return (
    <svg
      aria-hidden="true"
      width={width}
      height={height}
      className="pointer-events-none absolute top-0 left-0 overflow-visible"
    >
      <defs>
        <marker
          id="arrow"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto-start-reverse"
        >
          <path d="M0 0 8 4 0 8z" className="fill-moss" />
        </marker>
      </defs>
      {lines.map(({ key, path }) => (
        <path key={key} d={path} className="fill-none stroke-moss" strokeWidth={1.5} markerEnd="url(#arrow)" />
      ))}
    </svg>
  );
}

/** From the row of the field to the head of the other box, leaving and arriving sideways. */
function pathOf(from: PlacedBox, row: number, to: PlacedBox): string {
  const startY = from.y + HEAD_HEIGHT + (Math.min(row, MAX_ROWS) + 0.5) * ROW_HEIGHT;
  const endY = to.y + HEAD_HEIGHT / 2;
  const isRight = to.x > from.x;
  const isSameColumn = to.x === from.x;
  const startX = isRight || isSameColumn ? from.x + from.width : from.x;
  const endX = isRight ? to.x : to.x + to.width;
  const bend = isSameColumn ? 48 : Math.max(40, Math.abs(endX - startX) / 2);
  const leave = startX + (isRight || isSameColumn ? bend : -bend);
  const arrive = endX + (isRight ? -bend : bend);
  return `M${startX} ${startY} C${leave} ${startY} ${arrive} ${endY} ${endX} ${endY}`;
}
