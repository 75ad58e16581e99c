import { expect, test } from "vitest";
import { leavesOf } from "./leaves.ts";
import { suggestPaths } from "./suggest.ts";

const PAYMENT = {
  id: "evt_1",
  created: 1795344079,
  type: "checkout.session.completed",
  data: {
    object: {
      id: "cs_1",
      amount_total: 4990,
      currency: "eur",
      customer_details: { email: "mia@example.com", name: "Mia Köhler" },
      payment_status: "paid",
    },
  },
};

const suggested = (...given: Parameters<typeof suggestPaths>) => Object.fromEntries(suggestPaths(...given));

const fields = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type }));

test("fields find their values by name, also in other words and languages, and by what they can hold", () => {
  const wanted = fields({
    customerEmail: "email",
    amountTotal: "number",
    currency: "text",
    paymentStatus: "select",
    created: "date",
  });
  expect(suggested(wanted, leavesOf(PAYMENT))).toEqual({
    customerEmail: "$.data.object.customer_details.email",
    amountTotal: "$.data.object.amount_total",
    currency: "$.data.object.currency",
    paymentStatus: "$.data.object.payment_status",
    created: "$.created",
  });
  expect(suggested(fields({ total: "number", invoiceDate: "date" }), leavesOf(PAYMENT))).toEqual({
    total: "$.data.object.amount_total",
    invoiceDate: "$.created",
  });
  expect(suggested(fields({ Betrag: "number", Währung: "text", mail: "email" }), leavesOf(PAYMENT))).toEqual({
    Betrag: "$.data.object.amount_total",
    Währung: "$.data.object.currency",
    mail: "$.data.object.customer_details.email",
  });
});

test("nothing is suggested where nothing fits, and no value is given to two fields", () => {
  expect(suggested(fields({ weather: "text", photo: "file", link: "url" }), leavesOf(PAYMENT))).toEqual({});
  const found = suggested(fields({ email: "email", mail: "email" }), leavesOf(PAYMENT));
  expect(found).toEqual({ email: "$.data.object.customer_details.email" });
  expect(suggested(fields({ items: "json", price: "number" }), leavesOf({ items: [{ price: "9.90" }] }))).toEqual({
    items: "$.items",
    price: "$.items[0].price",
  });
});
