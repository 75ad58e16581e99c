/**
 * Ready-made collections to begin with, each with some sample records. Sample records have ids that begin with
 * `sample`, so that they can be found and removed together.
 */

type TemplateField = { name: string; type: string; [option: string]: unknown };

export type TemplateCollection = {
  name: string;
  fields: TemplateField[];
  indexes?: string[];
  /** Values of sample records. A relation's value is the number of the record it points to, from 1. */
  samples: Record<string, unknown>[];
};

export type Template = { key: TemplateKey; collections: TemplateCollection[] };

export const TEMPLATE_KEYS = ["orders", "bookings", "inventory", "events", "blog"] as const;
export type TemplateKey = (typeof TEMPLATE_KEYS)[number];

const SAMPLE_PREFIX = "sample";

/** Matches the ids of sample records. A range, because that is what an index can answer. */
export const SAMPLE_FILTER = `id >= "${SAMPLE_PREFIX}" && id < "${SAMPLE_PREFIX.slice(0, -1)}f"`;

/** Ids have 15 characters. */
function sampleId(number: number): string {
  return SAMPLE_PREFIX + String(number).padStart(15 - SAMPLE_PREFIX.length, "0");
}

const text = (name: string, options: object = {}): TemplateField => ({ name, type: "text", ...options });
const number = (name: string, options: object = {}): TemplateField => ({ name, type: "number", ...options });
const select = (name: string, ...values: string[]): TemplateField => ({ name, type: "select", maxSelect: 1, values });
const relation = (name: string, collection: string, options: object = {}): TemplateField => ({
  name,
  type: "relation",
  collection,
  maxSelect: 1,
  ...options,
});
const date = (name: string, options: object = {}): TemplateField => ({ name, type: "date", ...options });
const created: TemplateField = { name: "created", type: "autodate", onCreate: true };

const TEMPLATES: Template[] = [
  {
    key: "orders",
    collections: [
      {
        name: "customers",
        fields: [
          text("name", { required: true, presentable: true }),
          { name: "email", type: "email" },
          text("phone"),
          text("city"),
          created,
        ],
        samples: [
          { name: "Anna Berger", email: "anna@example.com", phone: "+43 1 234567", city: "Vienna" },
          { name: "Café Central", email: "office@example.com", phone: "+49 30 765432", city: "Berlin" },
          { name: "Luis Moreno", email: "luis@example.com", city: "Seville" },
        ],
      },
      {
        name: "orders",
        fields: [
          number("number", { required: true, onlyInt: true, presentable: true }),
          relation("customer", "customers", { required: true }),
          date("ordered"),
          select("status", "new", "paid", "shipped", "cancelled"),
          number("total", { min: 0 }),
          { name: "note", type: "editor" },
          created,
        ],
        indexes: ["CREATE UNIQUE INDEX `idx_orders_number` ON `orders` (`number`)"],
        samples: [
          { number: 1001, customer: 1, ordered: "2026-11-02 00:00:00.000Z", status: "shipped", total: 89.9 },
          { number: 1002, customer: 2, ordered: "2026-11-09 00:00:00.000Z", status: "paid", total: 240 },
          { number: 1003, customer: 1, ordered: "2026-11-17 00:00:00.000Z", status: "new", total: 35.5 },
          { number: 1004, customer: 3, ordered: "2026-11-18 00:00:00.000Z", status: "new", total: 112.4 },
        ],
      },
    ],
  },
  {
    key: "bookings",
    collections: [
      {
        name: "rooms",
        fields: [
          text("name", { required: true, presentable: true }),
          number("places", { onlyInt: true, min: 1 }),
          number("price"),
        ],
        samples: [
          { name: "Garden room", places: 2, price: 95 },
          { name: "Attic", places: 4, price: 140 },
        ],
      },
      {
        name: "bookings",
        fields: [
          text("guest", { required: true, presentable: true }),
          { name: "email", type: "email" },
          relation("room", "rooms", { required: true }),
          date("from", { required: true }),
          date("until", { required: true }),
          select("status", "asked", "confirmed", "cancelled"),
          created,
        ],
        samples: [
          {
            guest: "Marta Ruiz",
            email: "marta@example.com",
            room: 1,
            from: "2026-12-04 00:00:00.000Z",
            until: "2026-12-07 00:00:00.000Z",
            status: "confirmed",
          },
          {
            guest: "Jonas Weber",
            email: "jonas@example.com",
            room: 2,
            from: "2026-12-27 00:00:00.000Z",
            until: "2027-01-02 00:00:00.000Z",
            status: "asked",
          },
        ],
      },
    ],
  },
  {
    key: "inventory",
    collections: [
      {
        name: "suppliers",
        fields: [
          text("name", { required: true, presentable: true }),
          { name: "email", type: "email" },
          { name: "website", type: "url" },
        ],
        samples: [
          { name: "Northwood Tools", email: "sales@example.com", website: "https://example.com" },
          { name: "Paper & Co", email: "orders@example.com" },
        ],
      },
      {
        name: "items",
        fields: [
          text("name", { required: true, presentable: true }),
          text("code"),
          relation("supplier", "suppliers"),
          number("stock", { onlyInt: true }),
          number("reorderAt", { onlyInt: true }),
          number("price", { min: 0 }),
          { name: "photo", type: "file", maxSelect: 1, mimeTypes: ["image/jpeg", "image/png", "image/webp"] },
          { name: "active", type: "bool" },
        ],
        indexes: ["CREATE UNIQUE INDEX `idx_items_code` ON `items` (`code`) WHERE `code` != ''"],
        samples: [
          { name: "Hammer", code: "H-100", supplier: 1, stock: 14, reorderAt: 5, price: 19.9, active: true },
          { name: "Screwdriver set", code: "S-220", supplier: 1, stock: 3, reorderAt: 4, price: 34.5, active: true },
          { name: "Notebook A5", code: "N-5", supplier: 2, stock: 120, reorderAt: 40, price: 3.2, active: true },
        ],
      },
    ],
  },
  {
    key: "events",
    collections: [
      {
        name: "events",
        fields: [
          text("title", { required: true, presentable: true }),
          date("starts", { required: true }),
          text("place"),
          { name: "location", type: "geoPoint" },
          number("places", { onlyInt: true, min: 0 }),
          { name: "description", type: "editor" },
          { name: "published", type: "bool" },
        ],
        samples: [
          {
            title: "Winter market",
            starts: "2026-12-12 15:00:00.000Z",
            place: "Town square",
            location: { lon: 13.045, lat: 47.8 },
            places: 200,
            description: "<p>Stalls, music and hot drinks.</p>",
            published: true,
          },
          { title: "Pottery for beginners", starts: "2027-01-16 09:00:00.000Z", place: "Studio", places: 8 },
        ],
      },
      {
        name: "registrations",
        fields: [
          relation("event", "events", { required: true, cascadeDelete: true }),
          text("name", { required: true, presentable: true }),
          { name: "email", type: "email", required: true },
          number("people", { onlyInt: true, min: 1 }),
          created,
        ],
        samples: [
          { event: 1, name: "Eva Klein", email: "eva@example.com", people: 2 },
          { event: 2, name: "Tom Price", email: "tom@example.com", people: 1 },
        ],
      },
    ],
  },
  {
    key: "blog",
    collections: [
      {
        name: "authors",
        fields: [
          text("name", { required: true, presentable: true }),
          text("about", { max: 500 }),
          { name: "picture", type: "file", maxSelect: 1, mimeTypes: ["image/jpeg", "image/png", "image/webp"] },
        ],
        samples: [{ name: "Sam Lee", about: "Writes about gardens." }],
      },
      {
        name: "posts",
        fields: [
          text("title", { required: true, presentable: true }),
          text("slug", { pattern: "^[a-z0-9-]+$" }),
          relation("author", "authors"),
          { name: "body", type: "editor" },
          { name: "tags", type: "select", maxSelect: 4, values: ["news", "garden", "recipes", "travel"] },
          { name: "published", type: "bool" },
          created,
        ],
        indexes: ["CREATE UNIQUE INDEX `idx_posts_slug` ON `posts` (`slug`) WHERE `slug` != ''"],
        samples: [
          {
            title: "First frost",
            slug: "first-frost",
            author: 1,
            body: "<p>What to bring inside, and what may stay.</p>",
            tags: ["garden"],
            published: true,
          },
          { title: "Quince jelly", slug: "quince-jelly", author: 1, body: "<p>Soon.</p>", tags: ["recipes", "garden"] },
        ],
      },
    ],
  },
];

export function findTemplate(key: TemplateKey): Template {
  const found = TEMPLATES.find((template) => template.key === key);
  if (!found) throw new Error(`there is no template ${key}`);
  return found;
}

/** The sample records as they are sent: with their ids, and with ids in relations. */
export function sampleRecords({ fields, samples }: TemplateCollection): Record<string, unknown>[] {
  const relations = fields.filter(({ type }) => type === "relation").map(({ name }) => name);
  return samples.map((sample, index) => {
    const record: Record<string, unknown> = { ...sample, id: sampleId(index + 1) };
    for (const name of relations) {
      const target = sample[name];
      if (typeof target === "number") record[name] = sampleId(target);
    }
    return record;
  });
}
