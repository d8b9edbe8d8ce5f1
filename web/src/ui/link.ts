// Where a thing of the system has its page.
import type { RouteLocationRaw } from 'vue-router';
import type { TimelineEntry } from '@/api/types';

export function pageOf(kind: string, id: string, type?: string): RouteLocationRaw | null {
	if (!id) return null;
	switch (kind) {
		case 'clue':
		case 'matter':
		case 'instrument':
		case 'finding':
		case 'assigned':
		case 'rule':
		case 'import':
		case 'org':
			return { name: kind, params: { id } };
		case 'party':
			return { name: 'party', params: { id } };
		case 'agency':
			return { name: 'record', params: { type: 'agency', id } };
		case 'record':
			return type ? { name: 'record', params: { type, id } } : null;
		case 'penalty_case':
		case 'hotline_ticket':
		case 'officer':
			return { name: 'record', params: { type: kind, id } };
		default:
			return type ? { name: 'record', params: { type, id } } : null;
	}
}

export function linkOf(link: TimelineEntry['link']): RouteLocationRaw | null {
	if (!link) return null;
	if (typeof link === 'object') return pageOf(link.kind, link.id);
	const m = /^\/?(?:api\/)?(clues|matters|instruments|findings|imports|rules|assigned)\/([\w.-]+)$/.exec(link);
	if (m) return pageOf((m[1] ?? '').replace(/s$/, ''), m[2] ?? '');
	const r = /^\/?(?:api\/)?records\/(\w+)\/(\d+)$/.exec(link);
	return r ? pageOf('record', r[2] ?? '', r[1]) : null;
}
