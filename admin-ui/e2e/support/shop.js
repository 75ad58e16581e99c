/** A shop with enough goods to scroll through, made through the public API. */

export const ROW_COUNT = 2000;

/** @param {import("pocketbase").default} client */
export async function makeShop(client) {
  const groups = await client.collections.create({
    name: "groups",
    type: "base",
    fields: [{ name: "name", type: "text", presentable: true }],
  });
  await client.collections.create({
    name: "goods",
    type: "base",
    fields: [
      { name: "number", type: "number" },
      { name: "name", type: "text", presentable: true },
      { name: "price", type: "number", max: 10_000 },
      { name: "stocked", type: "bool" },
      { name: "group", type: "relation", collectionId: groups.id, maxSelect: 1 },
      { name: "since", type: "date" },
      { name: "kind", type: "select", values: ["big", "small"], maxSelect: 1 },
    ],
  });
  await client.collections.create({
    name: "dear",
    type: "view",
    viewQuery: "SELECT id, name, price FROM goods WHERE price > 3990",
  });
  const ids = [];
  for (const name of ["Tools", "Toys"]) ids.push((await client.collection("groups").create({ name })).id);
  await client.settings.update({ batch: { enabled: true, maxRequests: ROW_COUNT, timeout: 60 } });
  const batch = client.createBatch();
  for (let number = 1; number <= ROW_COUNT; number++) {
    const group = ids[(number + 1) % 2];
    batch
      .collection("goods")
      .create({ number, name: `Good ${number}`, price: number * 2, stocked: number % 2 === 1, group });
  }
  await batch.send();
}
