/** The house and the name. */

function BrandMark({ className = "size-8" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="8" className="fill-moss" />
      <path d="M6.5 15.5 16 7l9.5 8.5V25h-6.5v-6.5h-6V25H6.5z" className="fill-on-moss" />
    </svg>
  );
}

export function Brand() {
  return (
    <span className="flex items-center gap-2.5">
      <BrandMark />
      <span className="text-lg font-semibold tracking-tight">Steading</span>
    </span>
  );
}
