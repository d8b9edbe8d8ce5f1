// One finding with its reasons, whatever the answer's envelope.
import { api } from '@/api/client';
import type { Evidence, FindingDetail, FindingRow, Rule } from '@/api/types';

interface Answer {
	finding?: FindingRow;
	explanation?: { terms?: Evidence[]; basis?: Rule['basis']; message?: string; undecided?: { id: string; label: string }[]; group?: FindingDetail['group'] } | null;
	why: Rule | null;
	verdicts?: { verdict: string; reason: string; at: string; account?: string }[];
	similar?: FindingDetail['similar'];
	contests?: FindingDetail['contests'];
}

export async function loadFinding(id: string): Promise<FindingDetail> {
	const a = await api.get<Answer>(`/findings/${id}`);
	const row = a.finding as FindingRow;
	return {
		...row,
		rule: { ...row.rule, title_en: a.why?.title_en },
		evidence: a.explanation?.terms ?? [],
		group: a.explanation?.group ?? null,
		why: a.why ? { when: a.why.when, articles: a.explanation?.basis ?? a.why.basis, params: a.why.params, rule: a.why.when } : null,
		false_positives: a.why?.false_positives,
		similar: a.similar ?? [],
		contests: a.contests ?? [],
		verdicts: (a.verdicts ?? []).map((v) => ({ ...v, by: v.account })),
	};
}
