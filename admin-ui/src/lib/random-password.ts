/** Letters and digits that are not mistaken for each other. */
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/** Three groups of six: about 104 bits, and still possible to type from a slip of paper. */
export function randomPassword(): string {
  return Array.from({ length: 3 }, () => group(6)).join("-");
}

function group(length: number): string {
  let text = "";
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(16))) {
      // Bytes past the last whole multiple would make the first letters more likely.
      if (byte < 256 - (256 % LETTERS.length) && text.length < length) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}
