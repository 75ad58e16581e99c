export function RuleTester(_: {
  collection: unknown;
  kind: string;
  title: string;
  rule: string | null;
  onClose: () => void;
}) {
  return null;
}
