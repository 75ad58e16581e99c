
type Mutations = 'create' | 'update';

type AuthMethods =
  | 'listAuthMethods'
  | 'authWithPassword'
  | 'authWithOAuth2'
  | 'authWithOAuth2Code'
  | 'authWithOTP'
  | 'authRefresh'
  | 'requestOTP'
  | 'requestPasswordReset'
  | 'confirmPasswordReset'
  | 'requestVerification'
  | 'confirmVerification'
  | 'requestEmailChange'
  | 'confirmEmailChange'
  | 'listExternalAuths'
  | 'unlinkExternalAuth'
  | 'impersonate';

interface Writes<R, C, U> {
  create<T = R>(body: C | FormData, options?: RecordOptions): Promise<T>;
  update<T = R>(id: RecordId, body: U | FormData, options?: RecordOptions): Promise<T>;
}

/** A view: records that can only be read. */
export type ViewService<R> = Omit<RecordService<R>, Mutations | AuthMethods | 'delete' | 'subscribe' | 'unsubscribe'>;

/** Records that nobody signs in as. */
export type BaseService<R, C, U> = Omit<RecordService<R>, Mutations | AuthMethods> & Writes<R, C, U>;

/** Records that people sign in as. */
export type AuthService<R, C, U> = Omit<RecordService<R>, Mutations> & Writes<R, C, U>;

/** The SDK's client, which knows the collections: `const pb = new PocketBase(url) as TypedPocketBase`. */
export interface TypedPocketBase extends Omit<PocketBase, 'collection'> {
  collection<Name extends keyof Services>(name: Name): Services[Name];
}
