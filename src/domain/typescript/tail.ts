
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
