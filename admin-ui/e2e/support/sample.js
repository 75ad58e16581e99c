/** A small bakery, made through the public API: two collections that exercise every type of field. */

const DATES = [
  { name: "created", type: "autodate", onCreate: true },
  { name: "updated", type: "autodate", onCreate: true, onUpdate: true },
];

export const ORDER_COUNT = 250;

/** @param {import("pocketbase").default} client */
export async function makeBakery(client) {
  const customers = await client.collections.create({
    name: "customers",
    type: "base",
    fields: [
      { name: "name", type: "text", presentable: true },
      { name: "email", type: "email" },
      { name: "website", type: "url" },
      { name: "status", type: "select", values: ["new", "regular"], maxSelect: 1 },
      { name: "newsletter", type: "bool" },
      { name: "balance", type: "number" },
      { name: "since", type: "date" },
      { name: "notes", type: "editor" },
      { name: "contract", type: "file", maxSelect: 1, protected: true },
      { name: "shop", type: "geoPoint" },
      { name: "extra", type: "json" },
      ...DATES,
    ],
  });
  const orders = await client.collections.create({
    name: "orders",
    type: "base",
    fields: [
      { name: "number", type: "number", presentable: true },
      { name: "customer", type: "relation", collectionId: customers.id, maxSelect: 1 },
      { name: "total", type: "number" },
    ],
  });
  await client.collections.create({ name: "suppliers", type: "base", fields: [{ name: "name", type: "text" }] });
  const ana = await client.collection("customers").create({
    name: "Ana Kovač",
    email: "ana@example.com",
    website: "https://example.com/ana",
    status: "regular",
    newsletter: true,
    balance: 42.5,
    since: "2024-05-06",
    notes: "<p>Likes <b>rye</b>.</p><script>document.title = 'broken in'</script>",
    shop: { lon: 23.32, lat: 42.69 },
    extra: { vip: true },
  });
  await client.collection("customers").create({ name: "Boris Petrov", balance: 7 });
  await makeOrders(client, ana.id);
  return { ana, orders };
}

/** @param {import("pocketbase").default} client @param {string} customer */
async function makeOrders(client, customer) {
  await client.settings.update({ batch: { enabled: true, maxRequests: ORDER_COUNT, timeout: 30 } });
  const batch = client.createBatch();
  for (let number = 1; number <= ORDER_COUNT; number++) {
    batch.collection("orders").create({ number, customer, total: number * 2 });
  }
  await batch.send();
}
