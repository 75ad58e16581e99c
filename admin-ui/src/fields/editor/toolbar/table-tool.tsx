/** Makes a table, and inside of one changes it. */

import type { Command } from "@tiptap/pm/state";
import {
  addColumnAfter,
  addColumnBefore,
  addRowAfter,
  addRowBefore,
  deleteColumn,
  deleteRow,
  deleteTable,
  mergeCells,
  splitCell,
  toggleHeader,
} from "@tiptap/pm/tables";
import type { Editor } from "@tiptap/react";
import {
  BetweenHorizontalEnd,
  BetweenHorizontalStart,
  BetweenVerticalEnd,
  BetweenVerticalStart,
  Combine,
  PanelLeft,
  PanelTop,
  TableCellsSplit,
  Table as TableIcon,
  Trash2,
} from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "#ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "#ui/menu.tsx";
import { NumberField } from "#ui/number-field.tsx";
import { Popover } from "#ui/popover.tsx";
import { SwitchField } from "#ui/switch-field.tsx";
import { words } from "#words/words.ts";
import { insertTable } from "../rich/tables.ts";
import { Tool } from "./tool.tsx";

const MAX_ROWS = 200;
const MAX_COLUMNS = 30;

export function TableTool({ editor }: { editor: Editor }) {
  return editor.isActive("table") ? <ChangeTable editor={editor} /> : <NewTable editor={editor} />;
}

function NewTable({ editor }: { editor: Editor }) {
  const { table } = words().inputs.richText;
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      title={table.insert}
      align="start"
      isOpen={isOpen}
      onOpenChange={setOpen}
      focusAfterUse={() => editor.view.dom}
      trigger={<Tool label={table.table} icon={TableIcon} opens isOff={editor.isActive("codeBlock")} />}
    >
      <SizeForm
        onSubmit={(rows, columns, hasHeader) => {
          setOpen(false);
          insertTable(editor, rows, columns, hasHeader);
        }}
      />
    </Popover>
  );
}

function SizeForm({ onSubmit }: { onSubmit: (rows: number, columns: number, hasHeader: boolean) => void }) {
  const { table } = words().inputs.richText;
  const [rows, setRows] = useState<number | null>(3);
  const [columns, setColumns] = useState<number | null>(3);
  const [hasHeader, setHeader] = useState(true);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onSubmit(within(rows, MAX_ROWS), within(columns, MAX_COLUMNS), hasHeader);
  };
  return (
    <form noValidate onSubmit={submit} className="flex w-64 flex-col gap-3">
      <div className="grid grid-cols-2 gap-3">
        <NumberField label={table.rows} value={rows} isWhole onChange={setRows} />
        <NumberField label={table.columns} value={columns} isWhole onChange={setColumns} />
      </div>
      <SwitchField label={table.headerRow} isOn={hasHeader} onChange={setHeader} />
      <Button type="submit" look="primary">
        {table.insert}
      </Button>
    </form>
  );
}

function within(count: number | null, max: number): number {
  return Math.min(max, Math.max(1, count ?? 1));
}

function ChangeTable({ editor }: { editor: Editor }) {
  const { table } = words().inputs.richText;
  const run = (command: Command) => () => {
    editor.view.focus();
    command(editor.state, editor.view.dispatch);
  };
  const reason = (command: Command, text: string) => (command(editor.state) ? undefined : text);
  return (
    <Menu
      align="start"
      focusAfterChoice={() => editor.view.dom}
      trigger={<Tool label={table.table} icon={TableIcon} isOn opens />}
    >
      <MenuItem icon={BetweenHorizontalEnd} onSelect={run(addRowBefore)}>
        {table.rowAbove}
      </MenuItem>
      <MenuItem icon={BetweenHorizontalStart} onSelect={run(addRowAfter)}>
        {table.rowBelow}
      </MenuItem>
      <MenuItem icon={BetweenVerticalEnd} onSelect={run(addColumnBefore)}>
        {table.columnBefore}
      </MenuItem>
      <MenuItem icon={BetweenVerticalStart} onSelect={run(addColumnAfter)}>
        {table.columnAfter}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={PanelTop} onSelect={run(toggleHeader("row"))}>
        {table.toggleHeaderRow}
      </MenuItem>
      <MenuItem icon={PanelLeft} onSelect={run(toggleHeader("column"))}>
        {table.toggleHeaderColumn}
      </MenuItem>
      <MenuItem icon={Combine} disabledReason={reason(mergeCells, table.selectCells)} onSelect={run(mergeCells)}>
        {table.merge}
      </MenuItem>
      <MenuItem icon={TableCellsSplit} disabledReason={reason(splitCell, table.notMerged)} onSelect={run(splitCell)}>
        {table.split}
      </MenuItem>
      <MenuSeparator />
      <MenuItem icon={Trash2} onSelect={run(deleteRow)}>
        {table.deleteRow}
      </MenuItem>
      <MenuItem icon={Trash2} onSelect={run(deleteColumn)}>
        {table.deleteColumn}
      </MenuItem>
      <MenuItem icon={Trash2} isDanger onSelect={run(deleteTable)}>
        {table.deleteTable}
      </MenuItem>
    </Menu>
  );
}
