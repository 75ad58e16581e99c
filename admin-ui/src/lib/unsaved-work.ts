/** Whether closing the page now would lose something. Asks as the browser does, so whatever holds back a close answers. */
export function hasUnsavedWork(): boolean {
  return !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
}
