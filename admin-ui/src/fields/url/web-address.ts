/** Other addresses could run code when clicked. */
export function isWebAddress(address: string): boolean {
  return /^https?:\/\/[^\s]/i.test(address);
}
