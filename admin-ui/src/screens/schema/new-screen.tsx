/** Makes a new collection: of a type, or as a copy of one that is there. */

import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { collectionsQuery, findCollection } from "#api/collections.ts";
import { explain } from "#api/errors.ts";
import { scaffoldsQuery } from "#api/schema.ts";
import type { Collection, CollectionType, Field } from "#api/types.ts";
import { paths } from "#lib/paths.ts";
import { Loading } from "#ui/loading.tsx";
import { Notice } from "#ui/notice.tsx";
import { toastDone } from "#ui/toast.tsx";
import { words } from "#words/words.ts";
import { COLLECTION_TYPES, copyOf, type Draft, freeName, newDraft, newFieldId, randomSuffix } from "./draft.ts";
import { EditorView } from "./editor-view.tsx";
import { useEditor } from "./use-editor.ts";

const route = getRouteApi("/inside/new-collection");

export function NewCollectionScreen() {
  const { type, copy } = route.useSearch();
  const collections = useQuery(collectionsQuery());
  const scaffolds = useQuery(scaffoldsQuery());
  if (collections.isPending || scaffolds.isPending) return <Loading />;
  const error = collections.error ?? scaffolds.error;
  if (!collections.data || !scaffolds.data) {
    return (
      <div className="p-6">
        <Notice tone="danger">{explain(error).message}</Notice>
      </div>
    );
  }
  const source = copy === undefined ? undefined : findCollection(collections.data, copy);
  const start = source ? copyDraft(source, collections.data) : blankDraft(scaffolds.data, typeOf(type));
  // Another type or another source is another draft.
  return <NewCollection key={`${type ?? ""} ${source?.id ?? ""}`} initial={start} scaffolds={scaffolds.data} />;
}

type NewCollectionProps = { initial: Draft; scaffolds: Record<CollectionType, Collection> };

function NewCollection({ initial, scaffolds }: NewCollectionProps) {
  const navigate = route.useNavigate();
  const { tab } = route.useSearch();
  const editor = useEditor(initial);
  return (
    <EditorView
      editor={editor}
      tab={tab}
      onTab={(next) => navigate({ search: (old) => ({ ...old, tab: next }), replace: true })}
      onType={(type) => editor.change((draft) => withType(draft, blankDraft(scaffolds, type)))}
      onSaved={(saved) => {
        toastDone(words().schema.created(saved.name));
        navigate({ href: paths.editCollection(saved.name), ignoreBlocker: true });
      }}
    />
  );
}

function typeOf(text: string | undefined): CollectionType {
  return COLLECTION_TYPES.find((type) => type === text) ?? "base";
}

function blankDraft(scaffolds: Record<CollectionType, Collection>, type: CollectionType): Draft {
  const blank = scaffolds[type];
  if (type === "view") return newDraft(blank, "");
  // Most apps want to know when a record was made and changed.
  return newDraft({ ...blank, fields: [...blank.fields, autodate("created", false), autodate("updated", true)] }, "");
}

function autodate(name: string, onUpdate: boolean): Field {
  const id = newFieldId("autodate");
  return { id, name, type: "autodate", system: false, hidden: false, presentable: false, onCreate: true, onUpdate };
}

function copyDraft(source: Collection, all: Collection[]): Draft {
  const name = freeName(
    all.map((collection) => collection.name),
    words().schema.copyName(source.name),
  );
  return newDraft(copyOf(source, name, randomSuffix), name);
}

/** What was typed already stays: the name, the fields of one's own, and the rules that both types have. */
function withType(draft: Draft, blank: Draft): Draft {
  const own = draft.fields.filter(({ field }) => !field.system && field.type !== "autodate");
  const builtIn = blank.fields.filter(({ field }) => field.system);
  const dates = blank.fields.filter(({ field }) => !field.system);
  const taken = new Set(builtIn.map(({ field }) => field.name.toLowerCase()));
  const kept = own.filter(({ field }) => !taken.has(field.name.toLowerCase()));
  const isView = blank.collection.type === "view";
  const { name, listRule, viewRule } = draft.collection;
  return {
    collection: { ...blank.collection, name, listRule, viewRule },
    fields: isView ? [] : [...builtIn, ...kept, ...dates],
  };
}
