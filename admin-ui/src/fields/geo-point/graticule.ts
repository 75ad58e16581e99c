/** Lines of degrees, below the pictures of the map: what is seen of it where these cannot be loaded. */

import { type Coords, GridLayer, point } from "leaflet";
import { degreeLabel, degreesApart, linesBetween } from "./map-degrees.ts";

const LABEL_PX = 11;

export class Graticule extends GridLayer {
  override createTile({ x, y, z }: Coords): HTMLElement {
    const size = this.getTileSize();
    const canvas = document.createElement("canvas");
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    const context = canvas.getContext("2d");
    if (!context) return canvas;
    context.scale(ratio, ratio);
    const colour = getComputedStyle(this._map.getContainer()).color;
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.font = `${LABEL_PX}px sans-serif`;

    const corner = point(x, y).scaleBy(size);
    const [northWest, southEast] = [this._map.unproject(corner, z), this._map.unproject(corner.add(size), z)];
    const step = degreesApart(z);
    const line = (from: [number, number], to: [number, number]) => {
      context.globalAlpha = 0.35;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
      context.globalAlpha = 1;
    };
    const labelled: number[] = [];
    for (const lat of linesBetween(southEast.lat, northWest.lat, step)) {
      const at = this._map.project([lat, 0], z).y - corner.y;
      // Above the line, unless it would be cut off there.
      const baseline = at > LABEL_PX + 4 ? at - 4 : at + LABEL_PX;
      labelled.push(baseline);
      line([0, at], [size.x, at]);
      context.fillText(degreeLabel(lat, step, "latitude"), 4, baseline);
    }
    const free = [LABEL_PX + 2, size.y / 2, size.y - 6].find((at) =>
      labelled.every((other) => Math.abs(other - at) > LABEL_PX + 4),
    );
    for (const lon of linesBetween(northWest.lng, southEast.lng, step)) {
      const at = this._map.project([0, lon], z).x - corner.x;
      line([at, 0], [at, size.y]);
      if (free !== undefined) context.fillText(degreeLabel(lon, step, "longitude"), at + 4, free);
    }
    return canvas;
  }
}
