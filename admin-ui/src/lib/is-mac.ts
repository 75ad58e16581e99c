/** Whether the keyboard at hand has a Command key. */
export function isMac(): boolean {
  return /mac|iphone|ipad/i.test(globalThis.navigator?.userAgent ?? "");
}
