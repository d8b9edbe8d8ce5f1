// Loading with its three faces: waiting, failed, there. A later load overtakes an earlier one.
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { Problem } from '@/api/client';

export interface Load<T> {
	data: ShallowRef<T | null>;
	problem: Ref<Problem | null>;
	loading: Ref<boolean>;
	run: () => Promise<void>;
}

export function asProblem(cause: unknown): Problem {
	if (cause instanceof Problem) return cause;
	return new Problem(0, 'client', cause instanceof Error ? cause.message : String(cause));
}

export function useLoad<T>(fetcher: () => Promise<T>): Load<T> {
	const data = shallowRef<T | null>(null);
	const problem = ref<Problem | null>(null);
	const loading = ref(false);
	let turn = 0;
	async function run(): Promise<void> {
		const mine = ++turn;
		loading.value = true;
		try {
			const answer = await fetcher();
			if (mine === turn) {
				data.value = answer;
				problem.value = null;
			}
		} catch (cause) {
			if (mine === turn) {
				problem.value = asProblem(cause);
				data.value = null;
			}
		} finally {
			if (mine === turn) loading.value = false;
		}
	}
	return { data, problem: problem as Ref<Problem | null>, loading, run };
}
