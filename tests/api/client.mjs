// A session over fetch, and the operations of a description.

export class Session {
	constructor(url, account = null) {
		this.url = url;
		this.account = account;
		this.cookie = '';
		this.csrf = '';
	}

	/** Signs in with a demo account {name, password}. */
	static async open(url, account) {
		const session = new Session(url, account);
		const response = await fetch(`${url}/api/session`, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ name: account.name, password: account.password }),
		});
		if (response.status !== 201) throw new Error(`${account.name} cannot sign in: ${response.status} ${await response.text()}`);
		session.cookie = response.headers.getSetCookie()[0].split(';')[0];
		session.csrf = (await response.json()).csrf;
		return session;
	}

	async send(method, path, { body, csrf = true, type = 'application/json' } = {}) {
		const headers = {};
		if (this.cookie) headers.Cookie = this.cookie;
		if (method !== 'GET' && this.csrf && csrf) headers['X-CSRF'] = this.csrf;
		if (body !== undefined) headers['Content-Type'] = type;
		const response = await fetch(this.url + path, { method, headers, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body), redirect: 'manual' });
		const text = await response.text();
		let json = null;
		if (/json/.test(response.headers.get('content-type') ?? '')) json = JSON.parse(text);
		return { status: response.status, text, json };
	}
}

/** Every operation: {method, path, roles[], scope, schema, upload, query[]}. */
export function operations(description) {
	const found = [];
	for (const [path, methods] of Object.entries(description.paths)) {
		for (const [method, op] of Object.entries(methods)) {
			const content = op.requestBody?.content ?? {};
			found.push({
				name: `${method.toUpperCase()} ${path}`,
				method: method.toUpperCase(),
				path,
				roles: op['x-roles'],
				scope: op['x-scope'],
				schema: content['application/json']?.schema,
				upload: 'application/octet-stream' in content,
				query: (op.parameters ?? []).filter((p) => p.in === 'query' && p.required),
			});
		}
	}
	return found;
}

/** The path with every {name} replaced. */
export function fill(path, values = {}) {
	return path.replace(/\{([a-z0-9_]+)\}/g, (_, name) => encodeURIComponent(values[name] ?? '1'));
}

function sample(schema) {
	if (schema.enum) return schema.enum[0];
	if (schema.type === 'integer') return Math.max(schema.minimum ?? 1, Math.min(1, schema.maximum ?? 1));
	if (schema.type === 'boolean') return true;
	if (schema.type === 'array') return Array(schema.minItems ?? 0).fill('1');
	if (schema.format === 'date') return '2026-06-30';
	if (schema.pattern) return '1';
	if (schema.type === 'string') return '试'.repeat(Math.min(Math.max(schema.minLength ?? 1, 2), schema.maxLength ?? 2));
	return {};
}

/** The least body that the field table takes. */
export function leastBody(op) {
	if (!op.schema) return undefined;
	return Object.fromEntries((op.schema.required ?? []).map((name) => [name, sample(op.schema.properties[name])]));
}

/** "?a=1&…" with the required query parameters. */
export function leastQuery(op) {
	const text = op.query.map((p) => `${p.name}=${encodeURIComponent(String(sample(p.schema)))}`).join('&');
	return text ? `?${text}` : '';
}

const PAGES_MAX = 200;

/** Ids of a list route, page by page; null when the account has no such list. */
export async function listIds(session, path, pages = PAGES_MAX) {
	const ids = [];
	let after = '';
	for (let page = 0; page < pages; page++) {
		const answer = await session.send('GET', `${path}?limit=50${after ? `&after=${encodeURIComponent(after)}` : ''}`);
		if (answer.status !== 200 || !Array.isArray(answer.json?.items)) return page === 0 ? null : ids;
		for (const item of answer.json.items) if (typeof item.id === 'string') ids.push(item.id);
		after = answer.json.next;
		if (!after) return ids;
	}
	return ids;
}
