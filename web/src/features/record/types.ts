// The dictionary as the server tells it: asked once, used by lists, pages, mapping and navigation.
import { computed, shallowRef } from 'vue';
import { api } from '@/api/client';
import type { Page, RecordType } from '@/api/types';

const state = shallowRef<RecordType[] | null>(null);
let asking: Promise<RecordType[]> | null = null;

export const types = computed(() => state.value);

export function loadTypes(): Promise<RecordType[]> {
	if (state.value) return Promise.resolve(state.value);
	asking ??= api
		.get<RecordType[] | Page<RecordType>>('/types')
		.then((answer) => (state.value = Array.isArray(answer) ? answer : answer.items))
		.finally(() => (asking = null));
	return asking;
}

export function forgetTypes(): void {
	state.value = null;
}
export function typeOf(name: string | null | undefined): RecordType | null {
	return state.value?.find((t) => t.type === name) ?? null;
}
