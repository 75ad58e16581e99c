/** Changes one collection. Which tab is open, the address says. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import type { Collection } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { draftOf } from "./draft.ts";
import { EditorView } from "./editor-view.tsx";
import { useEditor } from "./use-editor.ts";

const route = getRouteApi("/inside/schema/$name");

export function EditCollectionScreen() {
  const { name } = route.useParams();
  const collections = useQuery(collectionsQuery());
  if (collections.isPending) return <Loading />;
  const found = findCollection(collections.data ?? [], name);
  if (!found) {
    const message = collections.data ? words().schema.gone(name) : explain(collections.error).message;
    return (
      <div className="p-6">
        <Notice tone={collections.data ? "plain" : "danger"}>{message}</Notice>
      </div>
    );
  }
  return <EditCollection key={found.id} collection={found} />;
}

function EditCollection({ collection }: { collection: Collection }) {
  const navigate = route.useNavigate();
  const { tab, field } = route.useSearch();
  const editor = useEditor(draftOf(collection));
  return (
    <EditorView
      editor={editor}
      tab={tab}
      field={field}
      onTab={(next) => navigate({ search: { tab: next }, replace: true })}
      onSaved={(saved) => {
        toastDone(words().common.saved);
        editor.change(() => draftOf(saved));
        // A renamed collection has another address.
        if (saved.name !== collection.name)
          navigate({ href: paths.editCollection(saved.name, { tab }), replace: true });
      }}
    />
  );
}
