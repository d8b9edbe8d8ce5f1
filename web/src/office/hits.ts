// Asking while typing: waits for a pause, drops answers that were overtaken.
import { onScopeDispose, ref } from 'vue';
import type { RouteLocationRaw } from 'vue-router';
import type { SearchHit } from '@/api/types';
import { typeOf } from '@/features/record/types';
import { i18n } from '@/locale';
import { labelOf } from '@/ui/format';
import { pageOf } from '@/ui/link';
import { has } from './session';

export function useHits(fetcher: (q: string) => Promise<{ items: SearchHit[] }>) {
	const hits = ref<SearchHit[]>([]);
	const busy = ref(false);
	let timer: ReturnType<typeof setTimeout> | undefined;
	let turn = 0;
	function clear(): void {
		turn++;
		clearTimeout(timer);
		hits.value = [];
		busy.value = false;
	}
	function ask(text: string): void {
		clearTimeout(timer);
		const q = text.trim();
		if (!q) return clear();
		const mine = ++turn;
		busy.value = true;
		timer = setTimeout(async () => {
			try {
				const answer = await fetcher(q);
				if (mine === turn) hits.value = answer.items;
			} catch {
				if (mine === turn) hits.value = [];
			} finally {
				if (mine === turn) busy.value = false;
			}
		}, 180);
	}
	onScopeDispose(() => clearTimeout(timer));
	return { hits, busy, ask, clear, toOf };
}

function toOf(hit: SearchHit): RouteLocationRaw | null {
	if (hit.kind === 'party' && !has('supervisor', 'reviewer', 'leader')) return pageOf('record', hit.id, 'party');
	if (hit.kind === 'matter' && has('liaison')) return pageOf('assigned', hit.id);
	return pageOf(hit.kind, hit.id, hit.type ?? (typeOf(hit.kind) ? hit.kind : undefined));
}

export function kindLabel(hit: SearchHit, t: (key: string) => string): string {
	const type = typeOf(hit.type ?? hit.kind);
	if (type) return labelOf(type.label, i18n.global.locale.value);
	return t(`kind.${hit.kind}`);
}
