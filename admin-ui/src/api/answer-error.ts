import { ClientResponseError } from "pocketbase";

/** The error of a request that the library has not made, in the shape of its own. */
export async function errorOf(response: Response): Promise<ClientResponseError> {
  const data: unknown = await response.json().catch(() => ({}));
  return new ClientResponseError({ status: response.status, data: Object(data) });
}
