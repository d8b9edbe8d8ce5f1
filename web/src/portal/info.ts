// What the portal knows of the installation, asked once.
import { ref } from 'vue';

export interface Info { bureau: string; demo: boolean; version: string; public_check?: boolean }
export const info = ref<Info | null>(null);

export async function loadInfo(): Promise<void> {
	try {
		const response = await fetch('/api/session', { headers: { Accept: 'application/json' }, credentials: 'same-origin' });
		if (response.ok) info.value = (await response.json()) as Info;
	} catch {
		info.value = null;
	}
}
