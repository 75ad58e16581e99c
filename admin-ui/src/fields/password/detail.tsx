import { PasswordCell } from "./cell.tsx";

export function PasswordDetail() {
  return <PasswordCell />;
}
