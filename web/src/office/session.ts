// Who is signed in, and what every page may ask about it.
import { computed, reactive } from 'vue';
import { api, setCsrf } from '@/api/client';
import type { Role, Session } from '@/api/types';

const state = reactive<{ session: Session | null; loaded: boolean }>({ session: null, loaded: false });

function take(session: Session | null): void {
	state.session = session;
	state.loaded = true;
	if (session?.csrf) setCsrf(session.csrf);
}

export const session = computed(() => state.session);
export const account = computed(() => state.session?.account ?? null);
export const today = computed(() => state.session?.today ?? new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10));

export async function loadSession(): Promise<void> {
	if (state.loaded) return;
	try {
		take(await api.quiet<Session>('GET', '/session'));
	} catch {
		take(null);
	}
}

export async function signIn(name: string, password: string, code?: string): Promise<void> {
	const answer = await api.quiet<Session>('POST', '/session', { name, password, code });
	take({ ...answer, demo_accounts: answer.demo_accounts ?? state.session?.demo_accounts });
}

export async function signOut(): Promise<void> {
	try {
		await api.del('/session');
	} finally {
		forget();
		state.loaded = false;
		await loadSession();
	}
}

/** What changed about the session itself (password, one-time code). */
export async function refreshSession(): Promise<void> {
	take(await api.quiet<Session>('GET', '/session'));
}

/** The session ended on the server's side; keeps what the sign-in page shows. */
export function forget(): void {
	if (state.session) state.session = { ...state.session, account: null };
}

export const BODY: Role[] = ['supervisor', 'reviewer', 'leader'];
export const OFFICE: Role[] = [...BODY, 'gov_approver'];
export const EVERYONE: Role[] = ['supervisor', 'reviewer', 'leader', 'gov_approver', 'liaison', 'township', 'auditor', 'sysadmin', 'secadmin'];

export function has(...roles: Role[]): boolean {
	return account.value?.roles.some((r) => roles.includes(r)) ?? false;
}
