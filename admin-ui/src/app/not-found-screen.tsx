import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";

export function NotFoundScreen() {
  return (
    <CardPage title="There is nothing here" lead="This address leads nowhere. Perhaps a letter got lost on the way.">
      <LinkButton look="primary" href={asHref(paths.home())}>
        Go to your collections
      </LinkButton>
    </CardPage>
  );
}
