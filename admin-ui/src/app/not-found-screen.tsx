import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { CardPage } from "#ui/card-page.tsx";
import { words } from "#words/words.ts";

export function NotFoundScreen() {
  return (
    <CardPage title={words().app.notFoundTitle} lead={words().app.notFoundLead}>
      <LinkButton look="primary" href={asHref(paths.home())}>
        {words().app.toOverview}
      </LinkButton>
    </CardPage>
  );
}
