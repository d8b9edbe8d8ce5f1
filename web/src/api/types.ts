// Shapes of the answers, hand-kept beside src/*/*_api.c and api/openapi.json. Ids are decimal strings, money is fen, dates are ISO.

export type Id = string;
export type Day = string;
export interface Label { zh: string; en?: string }
export type LabelLike = string | Label | null | undefined;
export interface Page<T> { items: T[]; next: string | null; total?: number }

export type Role = 'supervisor' | 'reviewer' | 'leader' | 'gov_approver' | 'liaison' | 'township' | 'auditor' | 'sysadmin' | 'secadmin';
export interface OrgRef { id: Id; name: string; kind?: string; level?: string; short_name?: string }
export interface Account { id: Id; name: string; display_name: string; roles: Role[]; org: OrgRef | null; totp?: boolean }
export interface DemoAccount { name: string; password: string; display_name?: string; roles?: Role[]; org?: string }
export interface Session {
	account: Account | null;
	csrf: string;
	demo: boolean;
	today: Day;
	version: string;
	bureau: string;
	public_check?: boolean;
	must_change_password?: boolean;
	demo_accounts?: DemoAccount[];
}

// ---- clocks ----
export interface Basis { law: string; article: string; gist?: string; name?: string; verified?: boolean }
export type PeriodKind = 'statutory' | 'local' | 'managerial';
export interface Clock {
	id?: string | null;
	label: string;
	kind: PeriodKind;
	kind_title?: string;
	basis: Basis[];
	start_on: Day;
	start_at?: string | null;
	length: number;
	unit: string;
	unit_title?: string;
	pauses: { from: Day; to: Day | null; why: string }[];
	extensions: { n: number; unit?: string; why: string }[];
	due_plain: Day;
	due_on: Day;
	due_at?: string | null;
	remind_on?: Day | null;
	rolled: boolean;
	holidays: { on: Day; name: string }[];
	makeup_days: ({ on: Day; name: string } | Day)[];
	provisional: boolean;
	calendar_version: string;
	days_left: number | null;
	ended_on?: Day | null;
	state: 'running' | 'paused' | 'done' | 'overdue' | 'late' | string;
	steps: string[];
	note?: string;
}
export interface Period {
	id: string; group: string; title: string; from: string; to: string; length: number | null; unit: string | null; unit_title: string | null;
	rollover: boolean; kind: PeriodKind; kind_title: string; evidence: string; evidence_title: string; verified: boolean; basis: Basis[];
	region: string; extension: string; pause: string; in_force_from: Day | null; in_force_to: Day | null; note: string;
}

// ---- desk ----
export interface DeskTodo { kind: string; title: string; subject: string; subject_id: Id; due_on: Day | null; days_left: number | null; clock?: Clock | null; mine?: boolean }
export interface Desk {
	todo: DeskTodo[];
	inbox: Record<string, number>;
	week: { this?: Record<string, number>; last?: Record<string, number>; matters?: Record<string, number> };
	notices: { kind?: string; text?: string; title?: string; at?: string; subject?: string; subject_id?: Id }[];
}

// ---- dictionary ----
export interface TypeColumn {
	name: string;
	type: 'bool' | 'int' | 'money' | 'decimal' | 'date' | 'datetime' | 'text' | 'code';
	label: LabelLike;
	codes?: { code: string; label: LabelLike }[] | Record<string, LabelLike>;
	privacy?: string | null;
	unit?: string | null;
	search?: boolean;
	filter?: boolean;
	required?: boolean;
	note?: string | null;
	title?: boolean;
}
export interface TypeChild { name: string; label: LabelLike; order?: string | null; columns: TypeColumn[] }
export interface RecordType { type: string; label: LabelLike; columns: TypeColumn[]; children: TypeChild[]; date?: string | null; agency?: string | null; sealed?: boolean; history?: boolean; title?: string }

// ---- records ----
export type CellValue = string | number | boolean | null;
export interface RecordRow { id: Id; title: string; org: OrgRef | null; values: Record<string, CellValue> }
export interface TimelineEntry { on?: Day | null; at?: string | null; kind: string; text: string; side: 'enforcement' | 'supervision'; link?: string | { kind: string; id: Id } | null; source?: string }
export interface RecordDetail extends RecordRow {
	type: string;
	children: Record<string, Record<string, CellValue>[]>;
	history: { version: number; at: string; import?: { id: Id; name: string } | string | Id | null; import_id?: Id | null; changes?: { column: string; label?: LabelLike; from: CellValue; to: CellValue }[] | Record<string, unknown> }[];
	findings: FindingRow[];
	timeline: TimelineEntry[];
	links?: { kind: string; id: Id; title: string; sub?: string }[];
	masked?: string[];
	supplied?: string[];
	import?: { id: Id; name: string; line?: number } | null;
}
export interface StatsSeries { key: string; label: string; count: number; last_year?: number; link?: string; fine_fen?: number }
export interface Stats { count: number; last_year: number | null; series: StatsSeries[]; missing_agencies: (OrgRef | string)[]; cutoff: Day }

// ---- imports ----
export interface ImportColumn { name: string; label: LabelLike; required: boolean; from: string | null; unit?: string | null; type?: string; constant?: boolean }
export interface ImportDetail {
	id: Id; name: string;
	state: 'recognised' | 'queued' | 'running' | 'done' | 'failed' | 'undone';
	type: string | null; type_label?: LabelLike; mapping: string | null; mapping_label?: LabelLike;
	mappings: { name: string; label: LabelLike; type?: string; score?: number }[];
	header: string[]; header_line?: number; sample: string[][];
	columns: ImportColumn[];
	progress: { done: number; total: number };
	counts: { read?: number; new: number; changed: number; same: number; older?: number; rejected: number };
	errors: { line?: number; column?: string; reason?: string }[] | string[];
	summary?: { agencies?: { org: OrgRef; findings?: number; count?: number; rules?: { rule: { id: string; title: string }; count: number; basis?: Basis[] }[] }[] } | string | null;
	sweep_id?: Id | null; job_id?: Id | null; sender?: string | null; error?: string | null;
	created_at?: string; ended_at?: string | null; by?: string;
}
export interface Job { id: Id; kind: string; state: 'queued' | 'running' | 'done' | 'failed' | string; done: number; total: number; error: string | null; result: unknown }

// ---- rules, findings ----
export type Severity = 'major' | 'minor' | 'hint' | string;
export interface RuleParam { name: string; value: unknown; label: LabelLike; kind: PeriodKind; unit?: string | null; basis?: Basis[]; note?: string }
export interface RuleCounts { checked: number; hit: number; exempt: number; unknown: number; not_in_force: number; seconds?: number }
export interface Rule {
	id: string; code: string; title: string; title_en?: string; version: number; status: string; off?: boolean; severity: Severity; severity_varies?: boolean; problem: string | null; instrument: string | null; on: string; judged_by: string | null; in_force_from: Day | null; in_force_to: Day | null;
	basis: Basis[]; params: RuleParam[]; when: string; unless: { id: string; label: string; when: string }[]; false_positives: string; counts: RuleCounts | null; open_findings: number;
	group?: { name: string; source: string }[]; having?: boolean; members?: string; within_days?: number; within_by?: string; act?: string; new_law?: string;
	message: string; note: string; verdicts?: Record<string, number>; contests?: Record<string, number>;
}
export interface FindingRow {
	id: Id; rule: { id: string; title: string; title_en?: string }; record: { type: string; id: Id | null; title: string } | null; org: OrgRef | null; // id null: a group of records
	severity: Severity; message: string; state: string; found_on: Day; clue_id: Id | null;
}
export interface Evidence { term: string; label: LabelLike; value: CellValue; article?: string | null; type?: string }
export interface FindingDetail extends FindingRow {
	group?: { count: number; members: { id: Id | null; key: string }[] } | null;
	evidence: Evidence[];
	why: { rule?: string; text?: string; when?: string; articles?: Basis[]; basis?: Basis[]; params?: RuleParam[]; unless?: string[] | string | null } | null;
	similar: { id: Id; state: string; title?: string; message?: string; found_on?: Day; org?: OrgRef | null; record?: { title: string } | null; reason?: string | null }[];
	notes?: string | string[] | null; false_positives?: string | string[] | null; verdicts?: { verdict: string; reason: string; at: string; by?: string }[]; contests?: Contest[];
}
export interface Contest { id: Id; finding_id: Id; rule_title: string; record_title: string; org_name: string; reason: string; account: string; made_at: string; outcome: 'open' | 'upheld' | 'dismissed'; outcome_title: string; answer: string; answerer: string; answered_at: string | null; files: { id: Id; name: string; size: number }[] }
export interface FindingSummary { items: { rule: { id: string; title: string; title_en?: string }; org: OrgRef | null; open: number; accepted: number; total: number; severity?: Severity }[] }

// ---- clues ----
export interface ClueRow { id: Id; no: string; channel: string; channel_title?: string; title: string; org: OrgRef | null; state: string; state_title?: string; sealed: boolean; created_at: string; due: Clock | Day | null; due_on?: Day | null; matter_id?: Id | null; severity?: Severity; finding_count?: number }
export interface Attachment { id: Id; name: string; size: number; sm3?: string; at?: string }
export interface ClueDetail extends ClueRow {
	content: string; complainant?: string | null; phone?: string | null; happened_on?: Day | null; findings: FindingRow[]; attachments?: Attachment[];
	events?: MatterEvent[]; actions?: MatterAction[]; possible_duplicates?: ClueRow[];
}

// ---- matters ----
export interface ActionField {
	name: string; type: string; label: LabelLike; required?: boolean; one_of?: (string | { value: string; label: LabelLike })[] | string | null; hint?: LabelLike; options?: { id: string; text: string }[]; max?: number; items_max?: number; default?: unknown; value?: unknown;
	columns?: { name: string; label: LabelLike; required?: boolean; width?: number }[];
}
export interface MatterAction { action: string; label: LabelLike; allowed: boolean; now?: boolean; must_state_basis?: boolean; reasons?: { verdict: string; text: string; article: string | null; interpretation: boolean; instead: string | null }[]; does?: string | null; warning?: string | null; reason?: string | null; article?: string | null; fields?: ActionField[]; kind?: string; danger?: boolean; interpretation?: boolean }
export interface MatterEvent { id?: Id; at?: string; on?: Day; kind: string; title?: string; text: string; account?: string | null; side?: 'enforcement' | 'supervision'; link?: TimelineEntry['link']; attachments?: Attachment[] }
export interface MatterStep { id: string; title: string; title_en?: string; purpose?: string; state?: 'done' | 'current' | 'ahead' }
export interface Reply { id: Id; type: string; type_title?: string; text: string; created_at?: string; received_on?: Day | null; account?: string | null; attachments?: Attachment[]; items?: unknown[] | null; until?: Day | null; state?: string; decision?: string | null; reason?: string | null; on_paper?: boolean; instrument_id?: Id | null }
export interface Assist { id: Id; org: OrgRef; matter_no: string; text: string; until: Day | null; asked_by: string; created_at: string; answer: string | null; answered_by: string | null; answered_at: string | null }
export interface MatterRow { id: Id; no: string; title: string; org: OrgRef | null; step: string; step_title?: string; state: string; state_title?: string; severity?: Severity; kind?: string; kind_title?: string; clock?: Clock | null; due_on?: Day | null; days_left?: number | null; updated_at?: string; created_at?: string; sealed?: boolean }
export interface MatterDetail extends MatterRow {
	steps: (MatterStep | string)[]; established: 'yes' | 'no' | null; assists?: Assist[]; attachments?: Attachment[]; in_proceedings: boolean; sealed: boolean; assigned_text: string | null;
	clues: ClueRow[]; records: { type: string; id: Id; title: string }[]; findings?: FindingRow[]; events: MatterEvent[]; clocks: Clock[]; instruments: InstrumentRow[]; replies: Reply[]; actions: MatterAction[]; owner?: string | null;
}
export interface AssignedRow { id: Id; no: string; title: string; assigned_text: string; state: string; state_title?: string; clock?: Clock | null; clocks?: Clock[]; due_on?: Day | null; days_left?: number | null }
export interface AssignedDetail extends AssignedRow { instruments: (InstrumentRow & { file?: Attachment; files?: Attachment[] })[]; clocks: Clock[]; replies: Reply[]; findings: FindingRow[]; may_reply?: boolean; events?: MatterEvent[]; body?: OrgRef }

// ---- instruments ----
export interface InstrumentRow { id: Id; matter_id: Id; kind: string; kind_title: string; state: string; state_title?: string; no: string; title: string; main_to: string; issuer: string; deadline_on: Day | null; issued_on: Day | null; served_on: Day | null; org?: OrgRef | null; submitted?: boolean }
export interface InstrumentFile { id: Id; name: string; role?: string; kind?: string; size?: number; sm3?: string; at?: string }
export interface InstrumentKind { kind: string; title: string; title_en?: string; statutory: boolean; issuer: string; articles: Basis[]; fields: ActionField[]; reply?: unknown }
export interface InstrumentDetail extends InstrumentRow { fields: Record<string, unknown>; form: InstrumentKind | null; version: number; files: InstrumentFile[]; versions?: { version: number; at: string; by?: string; fields?: Record<string, unknown> }[]; actions: MatterAction[]; template_id?: Id | null; check_code?: string | null; return_reason?: string | null; void_reason?: string | null; stopped?: boolean; statutory?: boolean; drafter?: string; approver?: string; opinion?: string }
export interface Template { id: Id; kind: string; kind_title: string; name: string; placeholders: string; size: number; sm3: string; is_default: boolean; created_at: string }

// ---- parties, orgs, accounts, audit ----
export interface PartyPage {
	party: RecordRow & { name?: string; code?: string; masked?: string[] };
	records: { type: string; more: boolean; items: RecordRow[]; by_agency?: { org: OrgRef | null; count: number; fine_fen: number; last_on: Day | null }[] }[];
	findings: FindingRow[];
	matters: { matter: MatterRow; ways: ('finding' | 'clue' | 'text')[] }[];
}
export interface CatalogVersion { has_history: boolean; in_force: boolean; from_on: Day | null; to_on: Day | null }
export type CatalogRow = RecordRow & { version: CatalogVersion };
export type CatalogOne = CatalogRow & { as_of: Day; periods: Record<string, CellValue>[]; tiers: (CatalogRow & { holds: boolean })[]; lenient: CatalogRow[] };
export interface Org { id: Id; code: string; name: string; short_name?: string; kind: string; level: string; parent_id: Id | null; region?: string; management?: string; superior_name?: string; proxy_char?: string; confirmed_on?: Day | null; published_on?: Day | null; cancelled_on?: Day | null; children?: Org[]; contacts?: { name: string; phone?: string; duty?: string; title?: string }[]; officers?: number; cases?: number; counts?: Record<string, number> }
export interface AccountRow { id: Id; name: string; display_name: string; roles: Role[]; org: OrgRef | null; disabled?: boolean; state?: string; locked_until?: string | null; last_login_at?: string | null; scope_org_id?: Id | null; version?: number }
export interface AuditRow { seq: number | string; at: string; account?: string | null; actor?: string | null; action: string; action_title?: string; subject: string; subject_id?: Id | null; detail?: unknown; hash?: string }
export interface SearchHit { kind: string; id: Id; title: string; sub?: string; type?: string }
