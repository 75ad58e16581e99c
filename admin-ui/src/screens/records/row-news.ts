/** Others add or delete many records at a time, so their news is collected for a moment before the rows are asked for. */

const RELOAD_AFTER_MS = 400;

type RowNewsOptions = {
  /** Rows do not move under somebody's hands. */
  isBusy: () => boolean;
  /** What was done here is no news. */
  isOthers: (id: string) => boolean;
  reload: () => void;
};

export class RowNews {
  readonly #options: RowNewsOptions;
  readonly #ids = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RowNewsOptions) {
    this.#options = options;
  }

  add(id: string): void {
    this.#ids.add(id);
    this.#timer ??= setTimeout(this.#tell, RELOAD_AFTER_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #tell = () => {
    const { isBusy, isOthers, reload } = this.#options;
    this.#timer = isBusy() ? setTimeout(this.#tell, RELOAD_AFTER_MS) : undefined;
    if (this.#timer !== undefined) return;
    const isNews = [...this.#ids].some(isOthers);
    this.#ids.clear();
    if (isNews) reload();
  };
}
