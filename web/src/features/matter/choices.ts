// What a form of a matter may choose from: its own replies and documents, other clues of the agency, the staff, the township offices.
import { api } from '@/api/client';
import type { ClueRow, MatterAction, MatterDetail, Org, Page } from '@/api/types';

export interface Choice { id: string; text: string }
const REPLY_OF: Record<string, string> = { decide_extension: 'extension', decide_data_wrong: 'data_wrong', decide_objection: 'objection' };
type Translate = (key: string, named?: Record<string, unknown>) => string;

export async function choicesFor(action: MatterAction, matter: MatterDetail, t: Translate): Promise<Record<string, Choice[]>> {
	const made: Record<string, Choice[]> = {};
	for (const f of action.fields ?? []) {
		if (f.name === 'reply_id') made[f.name] = (matter.replies ?? []).filter((r) => !r.decision && r.type === REPLY_OF[action.action]).map((r) => ({ id: r.id, text: `${r.type_title ?? t(`state.reply.${r.type}`)} ${r.received_on ?? (r.created_at ?? '').slice(0, 10)} ${r.text.slice(0, 40)}` }));
		else if (f.name === 'instrument_id') made[f.name] = (matter.instruments ?? []).filter((i) => i.state === 'served').map((i) => ({ id: i.id, text: `${i.kind_title} ${i.no}` }));
		else if (f.name === 'clue_ids') {
			const page = await api.get<Page<ClueRow>>('/clues', { state: 'received', agency: matter.org?.id, limit: 100 }).catch(() => ({ items: [] as ClueRow[], next: null }));
			made[f.name] = page.items.map((c) => ({ id: c.id, text: `${c.no} ${c.title}` }));
		} else if (f.name === 'handler_id') {
			made[f.name] = f.options ?? [];
		} else if (f.name === 'org_id' && action.action === 'ask_assistance') {
			const page = await api.get<Page<Org>>('/orgs', { kind: 'judicial_office', limit: 200 }).catch(() => ({ items: [] as Org[], next: null }));
			made[f.name] = page.items.map((o) => ({ id: o.id, text: o.name }));
		}
	}
	return made;
}

/** What the served documents demand, item by item: the list that a check of the correction goes through. */
export async function demandsOf(matter: MatterDetail): Promise<{ item: string; result: string }[]> {
	const served = (matter.instruments ?? []).filter((i) => i.state === 'served' && ['urging_letter', 'supervision_opinion', 'supervision_decision'].includes(i.kind));
	const documents = await Promise.all(served.map((i) => api.get<{ fields: Record<string, unknown> }>(`/instruments/${i.id}`).catch(() => null)));
	const items = documents.flatMap((d) => ['corrections', 'requirements', 'required_actions', 'decisions', 'decision_items'].flatMap((name) => (Array.isArray(d?.fields[name]) ? (d.fields[name] as unknown[]) : []))).filter((x): x is string => typeof x === 'string');
	return (items.length ? items : [matter.assigned_text || matter.title]).map((item) => ({ item, result: 'pass' }));
}
