/** Names and values, as they travel. */

export function HeaderList({ label, headers }: { label: string; headers: Readonly<Record<string, string>> }) {
  const entries = Object.entries(headers);
  if (entries.length === 0) return null;
  return (
    <dl
      aria-label={label}
      className="grid max-h-72 grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-4 gap-y-1 overflow-y-auto rounded-lg border border-line bg-sunken px-3.5 py-2.5 font-mono text-[13px] leading-6"
    >
      {entries.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{name}</dt>
          <dd className="break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
