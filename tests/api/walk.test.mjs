// Every operation × every account × inside and outside its scope. See README.md.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fill, leastBody, leastQuery, listIds, operations, Session } from './client.mjs';
import { start } from './server.mjs';

const ROLES = ['supervisor', 'reviewer', 'leader', 'gov_approver', 'liaison', 'township', 'auditor', 'sysadmin', 'secadmin'];
const OUTSIDE_TRIES = 5;

let server;
let ops;
let nobody;
const sessions = [];

const admits = (op, session) => op.roles.includes('anyone') || session.account.roles.some((role) => op.roles.includes(role));
/** Signing out in the middle of the walk would end it. */
const endsSession = (op) => op.name === 'DELETE /api/session';
/** A body that no field table takes: the rights are decided, nothing is done. */
const REFUSED_BODY = { no_such_field: 1 };

before(async () => {
	server = await start();
	nobody = new Session(server.url);
	ops = operations((await nobody.send('GET', '/openapi.json')).json);
	const greeting = (await nobody.send('GET', '/api/session')).json;
	assert.ok(Array.isArray(greeting.demo_accounts) && greeting.demo_accounts.length > 0, 'the store is not a demo store');
	for (const account of greeting.demo_accounts) sessions.push(await Session.open(server.url, account));
});
after(async () => server?.stop());

/** Runs a check over many cases and fails with all that went wrong. */
function report(wrong, checked) {
	assert.ok(checked > 0, 'nothing was checked');
	assert.deepEqual(wrong, [], `${wrong.length} of ${checked} wrong`);
}

async function probe(session, op, options) {
	if (op.upload) return session.send(op.method, fill(op.path), { ...options, body: 'x', type: 'application/octet-stream' });
	if (op.method === 'GET') return session.send('GET', fill(op.path) + leastQuery(op));
	return session.send(op.method, fill(op.path) + leastQuery(op), { body: REFUSED_BODY, ...options });
}

test('every row says who may come in and what they may touch', () => {
	const wrong = ops.filter((op) => !op.roles?.length || !['public', 'account', 'org', 'installation'].includes(op.scope)).map((op) => op.name);
	report(wrong, ops.length);
});

test('every role has an account to walk with', () => {
	const present = new Set(sessions.flatMap((s) => s.account.roles));
	assert.deepEqual(ROLES.filter((role) => !present.has(role)), []);
});

test('without a session only public rows answer', async () => {
	const wrong = [];
	for (const op of ops) {
		const { status } = await probe(nobody, op);
		const isOpen = op.roles.includes('anyone');
		if (isOpen ? status === 401 || status === 403 || status >= 500 : status !== 401) wrong.push(`${op.name} → ${status}`);
	}
	report(wrong, ops.length);
});

test('accounts without the role are refused', async () => {
	const wrong = [];
	let checked = 0;
	for (const session of sessions)
		for (const op of ops.filter((o) => !admits(o, session))) {
			const { status } = await probe(session, op);
			checked++;
			if (status !== 403) wrong.push(`${op.name} as ${session.account.name} → ${status}`);
		}
	report(wrong, checked);
});

test('accounts with the role are let in', async () => {
	const wrong = [];
	let checked = 0;
	for (const session of sessions)
		for (const op of ops.filter((o) => admits(o, session) && !endsSession(o))) {
			const { status, text } = await probe(session, op);
			const right = op.method === 'GET' ? status !== 401 && status !== 403 && status < 500 : status === 422;
			checked++;
			if (!right) wrong.push(`${op.name} as ${session.account.name} → ${status} ${text.slice(0, 200)}`);
		}
	report(wrong, checked);
});

test('a change without the session’s token is refused', async () => {
	const wrong = [];
	let checked = 0;
	for (const session of sessions)
		for (const op of ops.filter((o) => o.method !== 'GET')) {
			const { status } = await probe(session, op, { csrf: false });
			checked++;
			if (status !== 403) wrong.push(`${op.name} as ${session.account.name} → ${status}`);
		}
	report(wrong, checked);
});

/** Rows with a {type} once for every type of record that the store has. */
async function byType(rows) {
	const types = new Set();
	for (const session of sessions) for (const t of [(await session.send('GET', '/api/types')).json].flat()) for (const one of t?.items ?? [t]) if (one?.type) types.add(one.type);
	return rows.flatMap((op) => (op.path.includes('{type}') ? [...types].map((type) => ({ ...op, path: op.path.replace('{type}', type) })) : [op]));
}

/** For a path with an {id}: the list it stands in, e.g. /api/orgs of /api/orgs/{id}/contacts. */
const listOf = (op) => op.path.slice(0, op.path.indexOf('/{'));
const nameOf = (op) => /\{([a-z0-9_]+)\}/.exec(op.path)[1];

/** An id that nothing has: what lies outside must answer as this does, even where that is a refusal (a township office issues nothing at all, 条例 6(2)). */
const NOWHERE = '7';

/** Ids that some account's list shows and this one's does not. */
async function outsideIds(session, list, everybody) {
	const own = new Set((await listIds(session, list)) ?? []);
	return everybody.filter((id) => !own.has(id)).slice(0, OUTSIDE_TRIES);
}

test('what lies outside the scope does not exist', async (t) => {
	const wrong = [];
	let checked = 0;
	let open = 0;
	const scoped = (await byType(ops)).filter((op) => op.scope === 'org' && op.path.includes('/{') && !op.upload);
	for (const list of new Set(scoped.map(listOf))) {
		const everybody = new Set();
		for (const session of sessions) for (const id of (await listIds(session, list, 3)) ?? []) everybody.add(id);
		if (everybody.size === 0) {
			t.diagnostic(`no list at ${list}: its items are not walked`);
			continue;
		}
		for (const session of sessions) {
			const mine = scoped.filter((op) => listOf(op) === list && admits(op, session));
			const outside = mine.length > 0 ? await outsideIds(session, list, [...everybody]) : [];
			for (const op of mine)
				for (const id of outside) {
					const path = fill(op.path, { [nameOf(op)]: id }) + leastQuery(op);
					const { status } = await session.send(op.method, path, op.method === 'GET' ? {} : { body: leastBody(op) ?? {} });
					checked++;
					if (status === 422) open++;
					else if (status !== 404 && status !== (await session.send(op.method, fill(op.path, { [nameOf(op)]: NOWHERE }) + leastQuery(op), op.method === 'GET' ? {} : { body: leastBody(op) ?? {} })).status) wrong.push(`${op.name} (${id}) as ${session.account.name} → ${status}`);
				}
		}
	}
	t.diagnostic(`${checked} tried, ${open} not conclusive (422 before the thing was looked up)`);
	report(wrong, checked);
});
