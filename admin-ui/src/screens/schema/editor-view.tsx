/** The editor of a collection, new or not: what it is, its tabs, and the bar that saves. */

import { CircleAlert, TableProperties } from "lucide-react";
import type { ReactNode } from "react";
import type { Collection, CollectionType } from "#api/types.ts";
import { CollectionIcon } from "#fields/collection-icon.tsx";
import { asHref, paths } from "#lib/paths.ts";
import { LinkButton } from "#ui/button.tsx";
import { Notice } from "#ui/notice.tsx";
import { Page } from "#ui/page.tsx";
import { Tabs } from "#ui/tabs.tsx";
import { TextLink } from "#ui/text-link.tsx";
import { words } from "#words/words.ts";
import { AccessTab } from "./access-tab.tsx";
import { AdvancedTab } from "./advanced-tab.tsx";
import { FieldsTab } from "./fields-tab.tsx";
import { General } from "./general.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { QueryTab } from "./query-tab.tsx";
import { SaveBar } from "./save-bar.tsx";
import { SignInTab } from "./sign-in-tab.tsx";
import type { Editor } from "./use-editor.ts";

type EditorViewProps = {
  editor: Editor;
  tab: string | undefined;
  /** Name of the field to begin with. */
  field?: string;
  onTab: (tab: string) => void;
  onType?: (type: CollectionType) => void;
  onSaved: (saved: Collection) => void;
};

type TabName = "fields" | "query" | "access" | "signIn" | "advanced";

/** Where the server's findings about a key are shown. */
const TAB_OF_KEY: Record<string, TabName> = {
  fields: "fields",
  viewQuery: "query",
  listRule: "access",
  viewRule: "access",
  createRule: "access",
  updateRule: "access",
  deleteRule: "access",
  authRule: "access",
  manageRule: "access",
  indexes: "advanced",
  id: "advanced",
};

export function EditorView({ editor, tab, field, onTab, onType, onSaved }: EditorViewProps) {
  const say = words().schema;
  const { collection, stored } = editor.draft;
  const contents: Record<TabName, ReactNode> = {
    fields: <FieldsTab editor={editor} startName={field} />,
    query: <QueryTab editor={editor} />,
    access: <AccessTab editor={editor} />,
    signIn: <SignInTab editor={editor} />,
    advanced: <AdvancedTab editor={editor} />,
  };
  const names = tabsOf(collection.type);
  const current = names.find((name) => name === tab) ?? names[0] ?? "fields";
  const faulty = faultyTabs(editor);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <Page
        title={stored ? stored.name : say.newTitle}
        isInert={!stored && (editor.isLooking || editor.isSaving)}
        lead={stored ? <KindLine type={collection.type} /> : <FromFile />}
        actions={
          stored && (
            <>
              <LinkButton href={asHref(paths.records(stored.name))}>
                <TableProperties className="size-4" aria-hidden />
                {say.openRecords}
              </LinkButton>
              <MoreMenu collection={stored} />
            </>
          )
        }
      >
        {stored?.system && <Notice>{say.systemNote}</Notice>}
        <General editor={editor} onType={onType} />
        <Tabs
          label={say.tabsLabel}
          value={current}
          onChange={onTab}
          tabs={names.map((name) => ({
            value: name,
            label: <TabLabel text={say.tabs[name]} isFaulty={faulty.has(name)} />,
            content: contents[name],
          }))}
        />
      </Page>
      <SaveBar
        editor={editor}
        onSaved={onSaved}
        onRefused={() => {
          const [first] = names.filter((name) => faulty.has(name));
          if (first && !faulty.has(current)) onTab(first);
        }}
      />
    </div>
  );
}

function tabsOf(type: CollectionType): TabName[] {
  if (type === "view") return ["query", "access", "advanced"];
  return type === "auth" ? ["fields", "access", "signIn", "advanced"] : ["fields", "access", "advanced"];
}

function faultyTabs({ findings }: Editor): Set<TabName> {
  const heads = Object.keys(findings).map((path) => path.split(".", 1)[0] ?? "");
  return new Set(heads.filter((head) => head !== "name").map((head) => TAB_OF_KEY[head] ?? "signIn"));
}

function TabLabel({ text, isFaulty }: { text: string; isFaulty: boolean }) {
  if (!isFaulty) return text;
  return (
    <span className="flex items-center gap-1.5 text-danger">
      {text}
      <CircleAlert className="size-4" aria-label={words().schema.hasErrors} />
    </span>
  );
}

/** Who has a file need not define what it already says. */
function FromFile() {
  const say = words().schema;
  return (
    <p className="text-sm">
      {say.fromFileLead} <TextLink href={asHref(paths.import())}>{say.fromSpreadsheet}</TextLink> ·{" "}
      <TextLink href={asHref(paths.schema({ tab: "import" }))}>{say.fromDefinitions}</TextLink>
    </p>
  );
}

function KindLine({ type }: { type: CollectionType }) {
  return (
    <span className="flex items-center gap-1.5">
      <CollectionIcon type={type} />
      {words().fieldTypes.collection[type]}
    </span>
  );
}
