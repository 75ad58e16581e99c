import { client } from "./client.ts";

/** The API as the server describes it, in OpenAPI 3.1. */
export async function openApiDocument(): Promise<string> {
  return JSON.stringify(await client.send<unknown>("/api/openapi.json", {}), null, 2);
}
