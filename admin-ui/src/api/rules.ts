/** Questions about rules: what is wrong with one, what may stand in it, and whether it lets somebody in. */

import { queryOptions } from "@tanstack/react-query";
import { client } from "./client.ts";
import { keys } from "./keys.ts";
import type {
  ApiRuleFault,
  ApiRuleNode,
  ApiRuleOperand,
  ApiRuleWords,
  ParseRuleAnswer,
  TestRuleAnswer,
  TestRuleBody,
} from "./types.gen.ts";

/** A place in a rule, in UTF-16 units. */
export type RuleMark = ApiRuleFault;
export type RuleOperand = ApiRuleOperand;
export type RuleNode = ApiRuleNode;
export type ParsedRule = ParseRuleAnswer;

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

export type RuleVerdict = TestRuleAnswer;

export function testRule(collection: string, question: RuleQuestion): Promise<RuleVerdict> {
  const path = `/api/collections/${encodeURIComponent(collection)}/rules/test`;
  return client.send<RuleVerdict>(path, { method: "POST", body: question });
}

export type RuleWords = ApiRuleWords;

export const ruleWordsQuery = () =>
  queryOptions({
    queryKey: keys.ruleWords(),
    queryFn: ({ signal }) => client.send<RuleWords>("/api/collections/meta/rule-words", { signal }),
    retry: false,
    staleTime: 30_000,
  });
