// Shapes of the workbench's answers.
import type { Id, Rule, Severity } from '@/api/types';

export interface WorkbenchProblem { line: number; column: number; text: string; fatal: boolean }
export interface CheckAnswer { problems: WorkbenchProblem[]; compiles: boolean; ready: boolean; rule: Rule | null; tests: { passed: number; failed: number; missing: number } }
export interface TrialExample { record_id: Id | null; type: string; title: string; message: string; severity: Severity }
export interface Trial {
	checked: number; not_in_force: number; unknown: number; clean: number; exempt: number; hit: number; outside: number; microseconds: number;
	by_month: { month: string | null; hit: number }[]; by_agency: { org_id: Id | null; name: string; hit: number }[]; examples: TrialExample[];
	against: { version: number; hit: number; added: number; removed: number; added_examples: TrialExample[]; removed_examples: TrialExample[] } | null;
}
export interface Revision {
	id: Id; rule_id: string; title: string; version: number; state: 'draft' | 'proposed' | 'active' | 'rejected' | 'retired'; note: string; reason: string; author: string; decider: string; own: boolean;
	created_at: string; updated_at: string; decided_at: string | null; text?: string; base_text?: string; trial?: Trial | null;
}
interface VocabularyColumn { name: string; label: string; type: string; codes: { code: string; title: string }[] }
interface VocabularyReference { name: string; type: string; label: string }
export interface Vocabulary {
	types: { name: string; label: string; columns: VocabularyColumn[]; references: VocabularyReference[]; children: { name: string; label: string; columns: VocabularyColumn[]; references: VocabularyReference[] }[] }[];
	functions: { name: string; usage: string }[];
}

/** What a new rule starts from. */
export const SKELETON = `id: my-rule
title: 规则名称
version: 1
status: trial
basis:
  - {law: 行政处罚法, article: "60"}
on: penalty_case
when: fine > limit
params:
  limit: {value: 50000 元, label: 上限, kind: managerial}
severity: info
problem: obviously_improper
instrument: feedback_letter
message: "罚款 {fine}，超过 {limit}"
false_positives: 说明常见的误报
tests:
  - {name: 超过, hit: true, given: {fine: 50001 元}}
  - {name: 正好, hit: false, given: {fine: 50000 元}}
  - {name: 没有罚款数额, unknown: true, given: {}}
`;
