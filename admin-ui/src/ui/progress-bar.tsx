/** How far something is. */

type ProgressBarProps = {
  label: string;
  /** From 0 to 1. */
  share: number;
};

export function ProgressBar({ label, share }: ProgressBarProps) {
  const percent = Math.round(Math.min(Math.max(share, 0), 1) * 100);
  return (
    <div className="flex flex-col gap-2">
      <p className="text-sm" aria-live="polite">
        {label}
      </p>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        className="h-2 overflow-hidden rounded-full bg-sunken"
      >
        <div className="h-full rounded-full bg-moss transition-[width]" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
