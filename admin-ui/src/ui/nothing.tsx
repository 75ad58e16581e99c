/** Stands where a value could be. */
export function Nothing() {
  return (
    <span className="text-ink-soft">
      <span aria-hidden="true">–</span>
      <span className="sr-only">empty</span>
    </span>
  );
}
