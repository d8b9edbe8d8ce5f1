// True while the window is at least so wide.
import { onScopeDispose, ref, type Ref } from 'vue';

export function useWide(px: number): Ref<boolean> {
	const media = window.matchMedia(`(min-width: ${px}px)`);
	const wide = ref(media.matches);
	const on = (event: MediaQueryListEvent) => (wide.value = event.matches);
	media.addEventListener('change', on);
	onScopeDispose(() => media.removeEventListener('change', on));
	return wide;
}
