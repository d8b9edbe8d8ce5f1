// Starts the program on a demo store in a temporary folder and a free port.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 60_000;

/** { url, stop() }; XZ_URL names a running server instead. */
export async function start() {
	if (process.env.XZ_URL) return { url: process.env.XZ_URL.replace(/\/$/, ''), stop: async () => undefined };
	const bin = process.env.XZ_BIN ?? 'build/xiezhi';
	const dir = mkdtempSync(join(tmpdir(), 'xz-api-'));
	const made = spawnSync(bin, ['demo', '--size', 'county', '--data', dir], { encoding: 'utf8', maxBuffer: 1 << 26 });
	if (made.status !== 0) throw new Error(`xiezhi demo ended with ${made.status ?? made.error}: ${made.stderr}`);
	const swept = spawnSync(bin, ['sweep', '--data', dir, '--today', '2026-06-30'], { encoding: 'utf8', maxBuffer: 1 << 26 });
	if (swept.status > 1) throw new Error(`xiezhi sweep ended with ${swept.status}: ${swept.stderr}`);
	const child = spawn(bin, ['serve', '--data', dir, '--listen', '127.0.0.1:0', '--today', '2026-06-30'], { stdio: ['ignore', 'ignore', 'pipe'] });
	let stopping = false;
	let tail = '';
	const ended = new Promise((resolve) =>
		child.once('exit', (code, signal) => {
			if (!stopping) console.error(`the server ended by itself (${signal ?? code}); its last words:\n${tail}`);
			resolve();
		}),
	);
	child.stderr.on('data', (bytes) => (tail = (tail + bytes).slice(-2000)));
	const url = await new Promise((resolve, reject) => {
		let text = '';
		const timer = setTimeout(() => reject(new Error(`the server did not start:\n${text}`)), START_MS);
		child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
		child.stderr.on('data', (bytes) => {
			if (text.length < 100_000) text += bytes;
			const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
			if (found) {
				clearTimeout(timer);
				resolve(found[0]);
			}
		});
	});
	return {
		url,
		stop: async () => {
			stopping = true;
			child.kill('SIGTERM');
			await ended;
			rmSync(dir, { recursive: true, force: true });
		},
	};
}
