/** Questions about rules: what is wrong with one, what may stand in it, and whether it lets somebody in. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type { ParseRuleAnswer, TestRuleAnswer, TestRuleBody } from "./types.gen.ts";

/** A place in a rule, in UTF-16 units. */
export type RuleMark = ParseRuleAnswer["warnings"][number];

export type RuleOperand = {
  type: string;
  text: string;
  /** What the side is for the record and caller of a test; `null` if it is unknown or secret. */
  values?: unknown[] | null;
  isCut?: boolean;
};

export type RuleNode = {
  type: "all" | "any" | "comparison";
  text: string;
  /** `null` when it was not evaluated. */
  holds?: boolean | null;
  parts?: RuleNode[];
  left?: RuleOperand;
  right?: RuleOperand;
  operator?: { text: string };
};

export type ParsedRule = Omit<ParseRuleAnswer, "tree"> & { tree: RuleNode | null };

/** Looks at a rule without evaluating it. Answers also when it is wrong. */
export const parsedRuleQuery = (collection: string, rule: string) =>
  queryOptions({
    queryKey: keys.parsedRule(collection, rule),
    queryFn: ({ signal }) =>
      client.send<ParsedRule>(`/api/collections/${encodeURIComponent(collection)}/rules/parse`, {
        method: "POST",
        body: { rule },
        signal,
      }),
    retry: false,
    staleTime: 30_000,
  });

export type RuleQuestion = TestRuleBody;

export type RuleKind = TestRuleBody["kind"];

export type RuleCaller = NonNullable<TestRuleBody["caller"]>;

export type RuleVerdict = Omit<TestRuleAnswer, "tree"> & { tree: RuleNode | null };

export function testRule(collection: string, question: RuleQuestion): Promise<RuleVerdict> {
  const path = `/api/collections/${encodeURIComponent(collection)}/rules/test`;
  return client.send<RuleVerdict>(path, { method: "POST", body: question });
}

type WordField = {
  name: string;
  type: string;
  isHidden: boolean;
  isMultiple: boolean;
  /** The collection that a relation points to. */
  target: string | null;
  modifiers: string[];
  choices?: string[];
};

export type RuleWords = {
  collections: {
    id: string;
    name: string;
    type: string;
    fields: WordField[];
    backRelations: { name: string; collection: string; field: string; isMultiple: boolean }[];
  }[];
  authCollections: string[];
  request: { name: string; type: string; choices?: string[] }[];
  macros: { name: string; type: string; value?: unknown }[];
  functions: { name: string; arguments: string[]; result: string }[];
  operators: string[];
  joins: string[];
  bodyModifiers: string[];
};

export const ruleWordsQuery = () =>
  queryOptions({
    queryKey: keys.ruleWords(),
    queryFn: ({ signal }) => client.send<RuleWords>("/api/collections/meta/rule-words", { signal }),
    retry: false,
    staleTime: 30_000,
  });
