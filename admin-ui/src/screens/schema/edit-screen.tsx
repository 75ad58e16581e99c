/** Changes one collection. Which tab is open, the address says. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useRef } from "react";
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
  // It may be renamed while it is being edited.
  const last = useRef({ name: "", id: "" });
  if (collections.isPending) return <Loading />;
  const lastId = last.current.name === name ? last.current.id : "";
  const found = findCollection(collections.data ?? [], name) ?? findCollection(collections.data ?? [], lastId);
  if (found) last.current = { name, id: found.id };
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
        // A renamed collection has another address. What was typed meanwhile goes along.
        if (saved.name !== collection.name)
          navigate({ href: paths.editCollection(saved.name, { tab }), replace: true, ignoreBlocker: true });
      }}
    />
  );
}
