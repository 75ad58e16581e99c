/** Whether the log shows what superusers asked, which is mostly the dashboard itself. Kept in the browser. */

const STORAGE_KEY = "steading_log_superusers";

export function isShowingSuperusers(): boolean {
  return localStorage.getItem(STORAGE_KEY) === "shown";
}

export function rememberSuperusers(isShown: boolean): void {
  if (isShown) localStorage.setItem(STORAGE_KEY, "shown");
  else localStorage.removeItem(STORAGE_KEY);
}
