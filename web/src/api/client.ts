// The one place that speaks HTTP: session cookie, CSRF token, problem documents, uploads with progress.

/** An RFC 9457 problem from the server; `detail` is Chinese and says what, where and what is allowed; `article` cites the law that blocks. */
export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly title: string,
		readonly detail: string,
		readonly field?: string,
		readonly article?: string,
		readonly titleEn?: string, // the code's title; details are Chinese
	) {
		super(detail || title);
		this.name = 'Problem';
	}
}

export type QueryValue = string | number | boolean | null | undefined;
export type Query = Record<string, QueryValue | QueryValue[]>;

let csrf = '';
let onUnauthenticated: () => void = () => undefined;

export function setCsrf(token: string): void {
	csrf = token;
}
/** Called when an answer says that the session has ended. */
export function setOnUnauthenticated(handler: () => void): void {
	onUnauthenticated = handler;
}

export function apiUrl(path: string, query?: Query): string {
	const params = new URLSearchParams();
	for (const [key, value] of Object.entries(query ?? {})) {
		for (const one of Array.isArray(value) ? value : [value]) {
			if (one !== undefined && one !== null && one !== '') params.append(key, String(one));
		}
	}
	const text = params.toString();
	return `/api${path}${text ? `?${text}` : ''}`;
}

function problemOf(status: number, body: unknown): Problem {
	const p = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
	const text = (name: string) => (typeof p[name] === 'string' ? (p[name] as string) : undefined);
	return new Problem(status, text('title') ?? `HTTP ${status}`, text('detail') ?? '', text('field'), text('article'), text('title_en'));
}

function parse(text: string): unknown {
	try {
		return text ? JSON.parse(text) : null;
	} catch {
		return null;
	}
}

async function send(method: string, path: string, init: { query?: Query; body?: unknown; signal?: AbortSignal; quiet401?: boolean }): Promise<unknown> {
	const headers: Record<string, string> = { Accept: 'application/json' };
	if (method !== 'GET') headers['X-CSRF'] = csrf;
	if (init.body !== undefined) headers['Content-Type'] = 'application/json';
	let response: Response;
	try {
		response = await fetch(apiUrl(path, init.query), {
			method,
			headers,
			body: init.body === undefined ? undefined : JSON.stringify(init.body),
			signal: init.signal,
			credentials: 'same-origin',
			cache: 'no-store',
		});
	} catch (cause) {
		if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
		throw new Problem(0, 'network', '');
	}
	const text = await response.text();
	const body = parse(text);
	if (!response.ok) {
		if (response.status === 401 && !init.quiet401) onUnauthenticated();
		throw problemOf(response.status, body);
	}
	return body;
}

export const api = {
	get: <T>(path: string, query?: Query, signal?: AbortSignal) => send('GET', path, { query, signal }) as Promise<T>,
	post: <T>(path: string, body: unknown = {}, query?: Query) => send('POST', path, { body, query }) as Promise<T>,
	put: <T>(path: string, body: unknown) => send('PUT', path, { body }) as Promise<T>,
	del: <T>(path: string) => send('DELETE', path, {}) as Promise<T>,
	/** Like get and post, but a 401 is the caller's business (sign-in page). */
	quiet: <T>(method: 'GET' | 'POST', path: string, body?: unknown) => send(method, path, { body, quiet401: true }) as Promise<T>,
};

/** Sends a file as it is (`?name=`); fetch cannot report progress, so this is the old request object. */
export function upload<T>(path: string, file: File, options: { query?: Query; onProgress?: (share: number) => void; signal?: AbortSignal } = {}): Promise<T> {
	return new Promise((resolve, reject) => {
		const xhr = new XMLHttpRequest();
		xhr.open('POST', apiUrl(path, { name: file.name, ...options.query }));
		xhr.setRequestHeader('X-CSRF', csrf);
		xhr.setRequestHeader('Content-Type', 'application/octet-stream');
		xhr.upload.onprogress = (event) => {
			if (event.lengthComputable) options.onProgress?.(event.loaded / event.total);
		};
		xhr.onload = () => {
			const body = parse(xhr.responseText);
			if (xhr.status >= 200 && xhr.status < 300) resolve(body as T);
			else {
				if (xhr.status === 401) onUnauthenticated();
				reject(problemOf(xhr.status, body));
			}
		};
		xhr.onerror = () => reject(new Problem(0, 'network', ''));
		xhr.onabort = () => reject(new DOMException('aborted', 'AbortError'));
		options.signal?.addEventListener('abort', () => xhr.abort());
		xhr.send(file);
	});
}
