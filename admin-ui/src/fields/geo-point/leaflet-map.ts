/** A map of OpenStreetMap with one marker, which can be dragged, moved with the arrow keys, or put where one clicks. */

import {
  control,
  divIcon,
  type LatLng,
  type Map as LeafletMap,
  map as leafletMap,
  marker as leafletMarker,
  tileLayer,
} from "leaflet";
import { words } from "#words/words.ts";
import { Graticule } from "./graticule.ts";
import { decimalsAt } from "./map-degrees.ts";
import type { Point } from "./point.ts";

/** The only other server that the dashboard's security policy allows pictures of. */
const PICTURES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png";
const MAX_ZOOM = 19;
const STREET_ZOOM = 15;
const WORLD = { centre: [25, 10] as [number, number], zoom: 1 };

/** So many pixels the marker moves with an arrow key, and with Shift. */
const NUDGE_PX = 5;
const FAR_NUDGE_PX = 50;

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

type PlaceMapOptions = {
  point: Point | null;
  onPick: (point: Point) => void;
  /** Whether pictures arrive. */
  onPictures: (hasPictures: boolean) => void;
};

export type PlaceMapControl = {
  /** Moves the marker there, and the map where the place is out of sight. */
  show: (point: Point | null) => void;
  putInMiddle: () => void;
  remove: () => void;
};

export function createPlaceMap(
  container: HTMLElement,
  { point, onPick, onPictures }: PlaceMapOptions,
): PlaceMapControl {
  const map = leafletMap(container, {
    zoomControl: false,
    attributionControl: false,
    boxZoom: false,
    maxZoom: MAX_ZOOM,
    minZoom: 1,
    // Else the form could not be scrolled with the pointer over the map.
    scrollWheelZoom: false,
    worldCopyJump: true,
  });
  addControls(map);
  new Graticule().addTo(map);
  addPictures(map, onPictures);
  if (point) map.setView([point.lat, point.lon], STREET_ZOOM);
  else map.setView(WORLD.centre, WORLD.zoom);

  const pick = (latLng: LatLng) => {
    const { lat, lng } = latLng.wrap();
    const decimals = decimalsAt(map.getZoom());
    onPick({ lat: Number(lat.toFixed(decimals)), lon: Number(lng.toFixed(decimals)) });
  };
  const marker = placeMarker(map, pick);
  const show: PlaceMapControl["show"] = (shown) => {
    if (!shown || Math.abs(shown.lat) > 90 || Math.abs(shown.lon) > 180) {
      marker.remove();
      return;
    }
    const isFirst = !map.hasLayer(marker);
    marker.setLatLng([shown.lat, shown.lon]).addTo(map);
    if (isFirst) nameMarker(marker.getElement());
    if (!map.getBounds().contains(marker.getLatLng())) map.panTo(marker.getLatLng());
  };
  show(point);
  map.on("click", ({ latlng }) => pick(latlng));
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  const sized = new ResizeObserver(() => map.invalidateSize());
  sized.observe(container);
  return {
    show,
    putInMiddle: () => {
      pick(map.getCenter());
      // The marker is there when the form has taken the place over.
      requestAnimationFrame(() => marker.getElement()?.focus());
    },
    remove: () => {
      sized.disconnect();
      map.remove();
    },
  };
}

function addControls(map: LeafletMap) {
  const texts = words().inputs.map;
  control.zoom({ zoomInTitle: texts.zoomIn, zoomOutTitle: texts.zoomOut }).addTo(map);
  const copyright = "https://www.openstreetmap.org/copyright";
  control
    .attribution({ prefix: false })
    .addAttribution(`© <a href="${copyright}" target="_blank" rel="noreferrer">OpenStreetMap</a> ${texts.contributors}`)
    .addTo(map);
}

function addPictures(map: LeafletMap, onPictures: PlaceMapOptions["onPictures"]) {
  let hasLoaded = false;
  tileLayer(PICTURES, { maxZoom: MAX_ZOOM, referrerPolicy: "strict-origin-when-cross-origin" })
    .on("tileload", () => {
      hasLoaded = true;
      onPictures(true);
    })
    .on("tileerror", () => {
      if (!hasLoaded) onPictures(false);
    })
    .addTo(map);
}

function placeMarker(map: LeafletMap, pick: (latLng: LatLng) => void) {
  const icon = divIcon({ className: "place-pin", iconSize: [28, 28], iconAnchor: [14, 27] });
  const marker = leafletMarker([0, 0], { icon, draggable: true, autoPan: true });
  marker.on("dragend", () => pick(marker.getLatLng()));
  marker.on("add", () => marker.getElement()?.addEventListener("keydown", onKeyDown));
  function onKeyDown(event: KeyboardEvent) {
    const [right, down] = ARROWS[event.key] ?? [0, 0];
    if ((right === 0 && down === 0) || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    // The map has uses of its own for these keys.
    event.stopPropagation();
    const by = event.shiftKey ? FAR_NUDGE_PX : NUDGE_PX;
    const at = map.latLngToContainerPoint(marker.getLatLng()).add([right * by, down * by]);
    const next = map.containerPointToLatLng(at);
    // Moved now: the next key may come before the form has taken the place over.
    marker.setLatLng(next);
    map.panInside(next, { padding: [40, 40] });
    pick(next);
  }
  return marker;
}

function nameMarker(element: HTMLElement | undefined) {
  element?.setAttribute("aria-label", words().inputs.map.marker);
}
