// Types of the collections of this server, for the JavaScript SDK.
// Written by `steading types ts`: changes made here are lost when it runs again.

import type PocketBase from 'pocketbase';
import type { RecordOptions, RecordService } from 'pocketbase';

/** The id of a record. */
export type RecordId = string;

/** A moment in UTC, such as `2026-01-02 03:04:05.006Z`; empty for none. */
export type DateTime = string;

/** The name of an uploaded file; `pb.files.getURL(record, name)` makes an address of it. */
export type FileName = string;

export interface GeoPoint {
  lon: number;
  lat: number;
}

/** What every record has. */
export interface AnyRecord<Name extends string = string> {
  id: RecordId;
  collectionId: string;
  collectionName: Name;
}
