/**
 * What becomes of requests when the server no longer accepts the sign-in. They wait until the same person has signed in
 * again, and are sent once more then: the screens stay as they are, and nothing that was typed is lost.
 */

import { ClientResponseError } from "pocketbase";

type Person = { id: string; email: string };

type SignInStore = {
  readonly token: string;
  readonly isValid: boolean;
  readonly record: { id: string; [field: string]: unknown } | null;
  onChange: (callback: () => void) => () => void;
  clear: () => void;
};

export type SessionGuardOptions = {
  store: SignInStore;
  /** Asks the server. Without an answer, the token counts as accepted. */
  isAccepted: (token: string) => Promise<boolean>;
  /** Whether something in the page is not saved. */
  mayLose: () => boolean;
};

/**
 * `over`: somebody has to sign in before anything goes on. `resumed`: the same person has. `replaced`: another person
 * has. `leaving`: somebody signs out, and the token is there for the last time. `signed-out`: nobody is signed in, on
 * purpose or because there was nothing to go on with.
 */
export type SessionChange = "over" | "resumed" | "replaced" | "leaving" | "signed-out";

/** What the server answers to guests about things that they may not see or do. */
const GUEST_STATUSES = new Set([401, 403, 404]);

export class SessionGuard {
  readonly #options: SessionGuardOptions;
  readonly #listeners = new Set<(change: SessionChange) => void>();
  /** Whose screens these are: there since the server has accepted the first request. */
  #person: Person | null = null;
  #isOver = false;
  readonly #waiting = new Set<{ resolve: () => void; reject: (error: unknown) => void }>();
  #checking: { token: string; answer: Promise<boolean> } | null = null;

  constructor(options: SessionGuardOptions) {
    this.#options = options;
    options.store.onChange(() => this.#onStore());
  }

  subscribe = (listener: (change: SessionChange) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  isOver = (): boolean => this.#isOver;

  /** Of the person whose screens these are. */
  email(): string {
    return this.#person?.email ?? "";
  }

  /** Of the person whose screens these are. */
  personId(): string | undefined {
    return this.#person?.id;
  }

  /** Returns whether the screens stay until somebody has signed in again. */
  keepsScreens(): boolean {
    this.#noticeExpiry();
    return this.#isOver;
  }

  /** Sends a request, and sends it again after a sign-in when it failed for want of one. */
  async run<Answer>(request: () => Promise<Answer>, signal?: AbortSignal | null): Promise<Answer> {
    for (;;) {
      this.#noticeExpiry();
      if (this.#isOver) await this.#whenResumed(signal);
      const { token } = this.#options.store;
      try {
        const answer = await request();
        if (token !== "") this.#person ??= this.#personNow();
        return answer;
      } catch (error) {
        if (token === "" || !mayBeForWantOfSignIn(error) || (await this.check(token))) throw error;
      }
    }
  }

  /** Whether the server accepts the token. If not, the sign-in is over. Several questions at a time are one. */
  async check(token: string): Promise<boolean> {
    const { store, isAccepted } = this.#options;
    if (store.token !== token) return store.token === "" && !this.#isOver;
    if (this.#isOver) return false;
    if (this.#checking?.token !== token) this.#checking = { token, answer: isAccepted(token) };
    const { answer } = this.#checking;
    const isGood = await answer;
    if (this.#checking?.answer === answer) this.#checking = null;
    // Somebody may have signed out meanwhile, or in again in another window.
    if (!isGood && store.token === token && !this.#isOver) this.#end();
    return isGood || (store.token === "" && !this.#isOver);
  }

  /** Signs out, on purpose. What waits fails. */
  signOut(): void {
    this.#tell("leaving");
    this.#leave();
    this.#options.store.clear();
  }

  #personNow(): Person | null {
    const { record } = this.#options.store;
    return record && { id: record.id, email: typeof record.email === "string" ? record.email : "" };
  }

  #noticeExpiry(): void {
    const { store } = this.#options;
    if (!this.#isOver && this.#person !== null && store.token !== "" && !store.isValid) this.#end();
  }

  #end(): void {
    if (this.#person === null) {
      this.#options.store.clear();
      return;
    }
    this.#isOver = true;
    this.#tell("over");
  }

  /** Also called when another window has signed in or out. */
  #onStore(): void {
    const { store, mayLose } = this.#options;
    if (store.token === "") {
      if (this.#person === null) this.#tell("signed-out");
      else if (!this.#isOver && mayLose()) this.#end();
      else if (!this.#isOver) {
        this.#leave();
        this.#tell("signed-out");
      }
      return;
    }
    const isOther = this.#person !== null && this.#person.id !== store.record?.id;
    if (isOther) {
      this.#leave();
      this.#tell("replaced");
    } else if (this.#isOver && store.isValid) {
      this.#isOver = false;
      this.#tell("resumed");
      for (const { resolve } of this.#takeWaiting()) resolve();
    }
  }

  #leave(): void {
    this.#person = null;
    this.#isOver = false;
    for (const { reject } of this.#takeWaiting()) reject(new ClientResponseError({ status: 401 }));
  }

  #whenResumed(signal?: AbortSignal | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { resolve, reject };
      this.#waiting.add(entry);
      signal?.addEventListener("abort", () => {
        this.#waiting.delete(entry);
        reject(new ClientResponseError(signal.reason));
      });
      if (signal?.aborted) reject(new ClientResponseError(signal.reason));
    });
  }

  #takeWaiting() {
    const taken = [...this.#waiting];
    this.#waiting.clear();
    return taken;
  }

  #tell(change: SessionChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function mayBeForWantOfSignIn(error: unknown): boolean {
  if (!(error instanceof ClientResponseError)) return false;
  if (GUEST_STATUSES.has(error.status)) return true;
  // Of many requests in one, the refused ones stand in the answer, each with a status of its own.
  const parts: unknown = Object(error.response.data).requests;
  return Object.values(Object(parts)).some((part) => GUEST_STATUSES.has(Object(Object(part).response).status));
}
