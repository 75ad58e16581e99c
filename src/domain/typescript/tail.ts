
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

/** The record that someone is signed in as; `record.collectionName` tells the collections apart. */
export type SignedIn = SignsIn[keyof SignsIn];

/** `pb.authStore`, which knows the record. */
export type TypedAuthStore = Omit<PocketBase['authStore'], 'record' | 'model'> & { readonly record: SignedIn | null };

type Batch = ReturnType<PocketBase['createBatch']>;

/** The writes of a batch to one collection. */
export type BatchWrites<C, U> = Omit<ReturnType<Batch['collection']>, Mutations | 'upsert'> & {
  create(body: C | FormData, options?: RecordOptions): void;
  update(id: RecordId, body: U | FormData, options?: RecordOptions): void;
  upsert(body: (C | (U & { id: RecordId })) | FormData, options?: RecordOptions): void;
};

/** `pb.createBatch()`, which knows the collections. */
export interface TypedBatch extends Omit<Batch, 'collection'> {
  collection<Name extends keyof Batches>(name: Name): Batches[Name];
}

/** The SDK's client, which knows the collections: `const pb = new PocketBase(url) as TypedPocketBase`. */
export interface TypedPocketBase extends Omit<PocketBase, 'collection' | 'authStore' | 'createBatch'> {
  authStore: TypedAuthStore;
  collection<Name extends keyof Services>(name: Name): Services[Name];
  createBatch(): TypedBatch;
}
