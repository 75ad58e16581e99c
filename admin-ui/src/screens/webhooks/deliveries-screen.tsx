/** Everything that was sent, to whomever. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { webhooksQuery } from "#api/webhooks.ts";
import { paths } from "#lib/paths.ts";
import { DeliveryList } from "./delivery-list.tsx";
import { WebhookTabs } from "./webhook-tabs.tsx";

const route = getRouteApi("/inside/webhooks/deliveries");

export function DeliveriesScreen() {
  const place = route.useSearch();
  const navigate = route.useNavigate();
  const { data: webhooks = [] } = useQuery(webhooksQuery());
  return (
    <WebhookTabs open="deliveries">
      <DeliveryList
        webhooks={webhooks}
        place={place}
        onPlace={(next) => navigate({ href: paths.deliveries(next), replace: true })}
      />
    </WebhookTabs>
  );
}
