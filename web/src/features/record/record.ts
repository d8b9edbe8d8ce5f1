// One record with what supervision knows of it: suspected problems, and where they led.
import { api } from '@/api/client';
import type { ClueDetail, FindingRow, Id, Page, RecordDetail, TimelineEntry } from '@/api/types';
import { has } from '@/office/session';

type Bare = Omit<RecordDetail, 'findings' | 'timeline'> & { timeline: TimelineEntry[]; findings?: FindingRow[] };

export async function loadRecord(type: string, id: Id, asOf?: string | null): Promise<RecordDetail> {
	const mayKnow = has('supervisor', 'reviewer', 'leader', 'liaison');
	const [record, found] = await Promise.all([api.get<Bare>(`/records/${type}/${id}`, { as_of: asOf }), mayKnow ? api.get<Page<FindingRow>>('/findings', { type, record_id: id, limit: 50 }) : Promise.resolve({ items: [] as FindingRow[], next: null })]);
	const findings = record.findings ?? found.items;
	const clues = has('supervisor', 'reviewer', 'leader') ? await cluesOf(findings) : [];
	const supervision: TimelineEntry[] = [
		...findings.map((f) => ({ at: f.found_on, kind: 'finding', text: f.message, side: 'supervision' as const, link: { kind: 'finding', id: f.id } })),
		...clues.flatMap((c) => [
			{ at: c.created_at, kind: 'clue', text: `${c.no} ${c.title}`, side: 'supervision' as const, link: { kind: 'clue', id: c.id } },
			...(c.matter_id ? [{ at: c.decided_at ?? c.created_at, kind: 'matter', text: c.title, side: 'supervision' as const, link: { kind: 'matter', id: c.matter_id } }] : []),
		]),
	];
	const links = clues.flatMap((c) => [{ kind: 'clue', id: c.id, title: `${c.no} ${c.title}` }, ...(c.matter_id ? [{ kind: 'matter', id: c.matter_id, title: c.title }] : [])]);
	return { ...record, findings, timeline: [...record.timeline.filter((e) => !/birth/.test(e.kind)), ...supervision], links: [...(record.links ?? []), ...links] };
}

/** The clues that these suspected problems went into, each once, at most twenty. */
export async function cluesOf(findings: FindingRow[]): Promise<(ClueDetail & { decided_at?: string | null })[]> {
	const ids = [...new Set(findings.map((f) => f.clue_id).filter((x): x is string => !!x))].slice(0, 20);
	return Promise.all(ids.map((id) => api.get<ClueDetail & { decided_at?: string | null }>(`/clues/${id}`)));
}
