/** From the colour in the settings to the look of the page. Heavier than what the first moment needs. */

import { rememberAccent } from "./applied.ts";
import { normalHex } from "./colour.ts";
import { accentShades, USUAL_ACCENT } from "./shades.ts";

/** Anything that is no colour stands for the usual one. */
export function chooseAccent(colour: string): void {
  const hex = normalHex(colour);
  rememberAccent(hex === null || hex === USUAL_ACCENT ? null : accentShades(hex));
}
