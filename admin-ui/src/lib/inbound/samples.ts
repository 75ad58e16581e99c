/** A short message of each sender, made up, so that there is something to choose values from before the first one arrives. */

import type { Provider } from "./providers.ts";

type Sample = {
  body: string;
  /** What the header with the event says. */
  event: string;
};

const MESSAGES: Record<Exclude<Provider, "twilio">, { event?: string; body: object }> = {
  stripe: {
    body: {
      id: "evt_1QXample7sRk2Mia",
      object: "event",
      type: "checkout.session.completed",
      created: 1795344079,
      data: {
        object: {
          id: "cs_live_a1b2c3",
          object: "checkout.session",
          amount_total: 4990,
          currency: "eur",
          client_reference_id: "order-1042",
          customer_details: { name: "Mia Köhler", email: "mia@example.com", phone: null },
          payment_intent: "pi_3QXample",
          payment_status: "paid",
        },
      },
    },
  },
  paypal: {
    body: {
      id: "WH-7Y8254X-4NEXAMPLE",
      event_type: "PAYMENT.CAPTURE.COMPLETED",
      create_time: "2026-11-22T10:41:19.706Z",
      summary: "Payment completed for EUR 49.90",
      resource: {
        id: "42311647XV020574X",
        status: "COMPLETED",
        amount: { value: "49.90", currency_code: "EUR" },
        invoice_id: "order-1042",
        create_time: "2026-11-22T10:41:14Z",
      },
    },
  },
  paddle: {
    body: {
      event_id: "evt_01jdexample4t8m2c",
      event_type: "transaction.completed",
      occurred_at: "2026-11-22T10:41:19.706Z",
      data: {
        id: "txn_01jdexample9f3k7",
        status: "completed",
        customer_id: "ctm_01jdexample1a2b3",
        currency_code: "EUR",
        items: [{ price: { name: "Yearly plan", id: "pri_01jdexample" }, quantity: 1 }],
        details: { totals: { total: "4990", tax: "797" } },
        custom_data: { order: "order-1042" },
      },
    },
  },
  square: {
    body: {
      merchant_id: "MLEXAMPLE1234",
      type: "payment.updated",
      event_id: "5f1a9c7e-0c1d-4c8e-9d57-2b6f3e8a4c11",
      created_at: "2026-11-22T10:41:19.706Z",
      data: {
        type: "payment",
        id: "hYEXAMPLE56789",
        object: {
          payment: {
            id: "hYEXAMPLE56789",
            status: "COMPLETED",
            amount_money: { amount: 4990, currency: "EUR" },
            order_id: "order-1042",
            buyer_email_address: "mia@example.com",
          },
        },
      },
    },
  },
  shopify: {
    event: "orders/create",
    body: {
      id: 5842310987,
      name: "#1042",
      created_at: "2026-11-22T11:41:19+01:00",
      email: "mia@example.com",
      currency: "EUR",
      total_price: "49.90",
      financial_status: "paid",
      customer: { id: 7120045511, first_name: "Mia", last_name: "Köhler", email: "mia@example.com" },
      line_items: [{ title: "Filter Roast, 1 kg", sku: "FR-1000", quantity: 2, price: "24.95" }],
      shipping_address: { address1: "Mondscheingasse 4", zip: "1070", city: "Wien", country: "Austria" },
    },
  },
  github: {
    event: "issues",
    body: {
      action: "opened",
      issue: {
        number: 42,
        title: "The total is off by one cent",
        body: "With two discounts, the total differs from the sum of the lines.",
        state: "open",
        html_url: "https://github.com/example/shop/issues/42",
        user: { login: "mia-k" },
        labels: [{ name: "bug" }],
        created_at: "2026-11-22T10:41:19Z",
      },
      repository: { full_name: "example/shop", html_url: "https://github.com/example/shop" },
      sender: { login: "mia-k" },
    },
  },
  gitlab: {
    event: "Issue Hook",
    body: {
      object_kind: "issue",
      event_type: "issue",
      user: { name: "Mia Köhler", username: "mia-k" },
      project: { name: "shop", web_url: "https://gitlab.com/example/shop" },
      object_attributes: {
        iid: 42,
        title: "The total is off by one cent",
        description: "With two discounts, the total differs from the sum of the lines.",
        state: "opened",
        action: "open",
        url: "https://gitlab.com/example/shop/-/issues/42",
        created_at: "2026-11-22 10:41:19 UTC",
      },
    },
  },
  slack: {
    body: {
      type: "event_callback",
      event_id: "Ev08EXAMPLE1",
      event_time: 1795344079,
      team_id: "T08EXAMPLE",
      event: {
        type: "app_mention",
        user: "U08EXAMPLE",
        text: "<@U0BOT> order 1042 is packed",
        channel: "C08EXAMPLE",
        ts: "1795344079.000200",
      },
    },
  },
  discord: {
    body: {
      version: 1,
      application_id: "1309876543210987654",
      type: 1,
      event: {
        type: "ENTITLEMENT_CREATE",
        timestamp: "2026-11-22T10:41:19.706000",
        data: { id: "1310000000000000001", sku_id: "1310000000000000002", user_id: "771129655544643584", type: 8 },
      },
    },
  },
  mailgun: {
    body: {
      signature: { timestamp: "1795344079", token: "a8ce0edb2dd8301dee6c2405235584e4", signature: "d2271d12299f6592" },
      "event-data": {
        id: "CPgfbmQMTCKtHW6uIWtuVe",
        event: "failed",
        severity: "permanent",
        timestamp: 1795344079.2,
        recipient: "mia@example.com",
        reason: "bounce",
        "delivery-status": { code: 550, message: "No such mailbox" },
        message: { headers: { "message-id": "20261122104119.1.EXAMPLE@mg.example.com", subject: "Your order 1042" } },
      },
    },
  },
  standard: {
    body: {
      type: "order.created",
      timestamp: "2026-11-22T10:41:19.706Z",
      data: {
        id: "order-1042",
        total: 49.9,
        currency: "EUR",
        customer: { name: "Mia Köhler", email: "mia@example.com" },
      },
    },
  },
  hmac: {
    body: {
      event: "contact.created",
      name: "Mia Köhler",
      email: "mia@example.com",
      phone: "+43 1 234 56 78",
      message: "Do you also grind the coffee?",
      sentAt: "2026-11-22T10:41:19.706Z",
    },
  },
};

const TWILIO =
  "MessageSid=SM0123456789abcdef0123456789abcdef&From=%2B436641234567&To=%2B43720123456&Body=Is+my+order+ready%3F&NumMedia=0";

export function sampleOf(provider: Provider): Sample {
  if (provider === "twilio") return { body: TWILIO, event: "" };
  const { body, event = "" } = MESSAGES[provider];
  return { body: JSON.stringify(body, null, 2), event };
}
