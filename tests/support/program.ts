// The real program under test: its command line, its server (started, stopped, killed, started again on the same store) and its database.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export const ROOT = resolve(import.meta.dirname, '../..');
export const BIN = resolve(ROOT, process.env.XZ_BIN ?? 'build/xiezhi');
export const SHARED = resolve(ROOT, '../shared/data');
export const TODAY = '2026-06-30';
const START_MS = 60_000;

export type Outcome = { code: number | null; signal: string | null; out: string; err: string };

/** Runs one command to its end. `memory_kb` limits its address space. */
export function xiezhi(args: string[], options: { cwd?: string; memory_kb?: number; env?: Record<string, string> } = {}): Outcome {
	const command = options.memory_kb ? 'bash' : BIN;
	const given = options.memory_kb ? ['-c', `ulimit -v ${options.memory_kb}; exec "$0" "$@"`, BIN, ...args] : args;
	const done = spawnSync(command, given, { encoding: 'utf8', maxBuffer: 1 << 29, cwd: options.cwd ?? ROOT, env: { ...process.env, ...options.env }, timeout: 300_000 });
	if (done.error) throw done.error;
	return { code: done.status, signal: done.signal, out: done.stdout, err: done.stderr };
}

/** A folder that goes when the process ends; XZ_KEEP=1 leaves it. */
export function scratch(name: string): string {
	const dir = mkdtempSync(join(tmpdir(), `xz-${name}-`));
	if (process.env.XZ_KEEP) console.log(`# kept: ${dir}`);
	else process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
	return dir;
}

/** Where a store is: its folder and, for PostgreSQL, the URL. */
export class Store {
	readonly dir: string;
	readonly url: string | null;

	constructor(dir: string, url: string | null = null) {
		this.dir = dir;
		this.url = url;
	}

	get args(): string[] {
		return ['--data', this.dir, ...(this.url ? ['--database', this.url] : [])];
	}

	/** Rows of a query as arrays of text, on either database. */
	rows(sql: string): string[][] {
		if (!this.url) {
			const db = new DatabaseSync(join(this.dir, 'xiezhi.db'), { readOnly: true });
			try {
				const query = db.prepare(sql);
				query.setReadBigInts(true);
				return query.all().map((row) => Object.values(row).map((v) => (v === null ? '' : String(v))));
			} finally {
				db.close();
			}
		}
		const done = spawnSync('psql', ['-X', '-q', '-A', '-t', '-F', '\t', '-c', sql, this.url], { encoding: 'utf8', maxBuffer: 1 << 28 });
		if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
		return done.stdout.split('\n').filter((line) => line.length > 0).map((line) => line.split('\t'));
	}

	number(sql: string): number {
		return Number(this.rows(sql)[0]?.[0] ?? 0);
	}
}

let databases = 0;
/** An empty database of the PostgreSQL that tools/test-postgres.sh started; null when there is none. */
export function freshPostgres(): string | null {
	const base = process.env.XZ_TEST_PG;
	if (!base) return null;
	const name = `t${process.pid}_${++databases}`;
	const done = spawnSync('psql', ['-X', '-q', '-c', `CREATE DATABASE ${name}`, base], { encoding: 'utf8' });
	if (done.status !== 0) throw new Error(`psql: ${done.stderr}`);
	return base.replace(/\/postgres\?/, `/${name}?`);
}

export function demoStore(name: string, options: { postgres?: boolean; seed?: number } = {}): Store {
	const store = new Store(join(scratch(name), 'data'), options.postgres ? freshPostgres() : null);
	const done = xiezhi(['demo', '--size', 'county', '--seed', String(options.seed ?? 1), ...store.args]);
	if (done.code !== 0) throw new Error(`xiezhi demo ended with ${done.code}: ${done.err}`);
	return store;
}

export type Answer = { status: number; text: string; json: any; headers: Headers };

/** A signed-in account; the session lives in the store, so it outlives the server. */
export class Session {
	server: Server;
	cookie = '';
	csrf = '';

	constructor(server: Server) {
		this.server = server;
	}

	static async open(server: Server, name: string, password = 'xiezhi-demo'): Promise<Session> {
		const session = new Session(server);
		const answer = await session.send('POST', '/api/session', { name, password });
		if (answer.status !== 201) throw new Error(`${name} cannot sign in: ${answer.status} ${answer.text}`);
		session.cookie = answer.headers.getSetCookie()[0].split(';')[0];
		session.csrf = answer.json.csrf;
		return session;
	}

	/** One request; a Buffer goes as bytes, anything else as JSON. */
	async send(method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<Answer> {
		const headers: Record<string, string> = { ...extra };
		if (this.cookie) headers.Cookie = this.cookie;
		if (method !== 'GET' && this.csrf) headers['X-CSRF'] = this.csrf;
		if (body !== undefined) headers['Content-Type'] ??= Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json';
		const payload = body === undefined ? undefined : Buffer.isBuffer(body) ? new Uint8Array(body) : typeof body === 'string' ? body : JSON.stringify(body);
		const response = await fetch(this.server.url + path, { method, headers, body: payload, redirect: 'manual' }).catch((problem: Error) => {
			throw new Error(`${method} ${this.server.url}${path}: ${problem.message} (${problem.cause})`);
		});
		const text = await response.text();
		let json: any = null;
		if (/json/.test(response.headers.get('content-type') ?? '')) json = JSON.parse(text);
		return { status: response.status, text, json, headers: response.headers };
	}

	/** A request that has to succeed. */
	async ok(method: string, path: string, body?: unknown): Promise<any> {
		const answer = await this.send(method, path, body);
		if (answer.status >= 300) throw new Refused(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 600)}`, answer);
		return answer.json;
	}
}

/** The server answered, and the answer was no. */
export class Refused extends Error {
	answer: Answer;
	constructor(message: string, answer: Answer) {
		super(message);
		this.answer = answer;
	}
}

export class Server {
	readonly store: Store;
	readonly options: string[];
	url = '';
	private child: ChildProcess | null = null;
	private ended: Promise<void> = Promise.resolve();
	private log = '';

	constructor(store: Store, options: string[] = []) {
		this.store = store;
		this.options = options;
	}

	get pid(): number {
		return this.child?.pid ?? 0;
	}

	get lastWords(): string {
		return this.log;
	}

	async start(): Promise<this> {
		if (!existsSync(BIN)) throw new Error(`no program at ${BIN}: run script/build`);
		const child = spawn(BIN, ['serve', ...this.store.args, '--listen', '127.0.0.1:0', '--today', TODAY, ...this.options], { stdio: ['ignore', 'ignore', 'pipe'], cwd: ROOT });
		this.child = child;
		this.log = '';
		this.ended = new Promise((done) =>
			child.once('exit', (code, signal) => {
				this.log += `\n[the server ended with ${signal ?? code}]`;
				done();
			}),
		);
		this.url = await new Promise<string>((found, failed) => {
			const timer = setTimeout(() => failed(new Error(`the server did not start:\n${this.log}`)), START_MS);
			child.once('exit', (code, signal) => {
				clearTimeout(timer);
				failed(new Error(`the server ended with ${signal ?? code}:\n${this.log}`));
			});
			child.stderr!.on('data', (bytes) => {
				this.log = (this.log + bytes).slice(-8000);
				const at = /http:\/\/127\.0\.0\.1:\d+/.exec(this.log);
				if (at) {
					clearTimeout(timer);
					found(at[0]);
				}
			});
		});
		return this;
	}

	/** SIGKILL: no goodbye. */
	async kill(): Promise<void> {
		this.child?.kill('SIGKILL');
		await this.ended;
	}

	async stop(): Promise<void> {
		this.child?.kill('SIGTERM');
		await this.ended;
	}

	get alive(): boolean {
		return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
	}
}

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Asks until the answer is there; says what it waited for when it never comes. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, limit_ms = 60_000): Promise<T> {
	const end = Date.now() + limit_ms;
	for (;;) {
		const got = await ask();
		if (got !== undefined) return got;
		if (Date.now() > end) throw new Error(`waited ${limit_ms} ms in vain for ${what}`);
		await pause(50);
	}
}

/** mulberry32: the same seed gives the same run. */
export function generator(seed: number): () => number {
	let a = seed >>> 0;
	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}
