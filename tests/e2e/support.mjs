// The real program on a fresh demo county and a free port, and a browser that fails on anything a person should never see:
// console errors, violations of the content security policy, uncaught exceptions.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const TODAY = '2026-06-30';
export const PASSWORD = 'xiezhi-demo';
const require = createRequire(join(ROOT, 'web/package.json'));
const { chromium } = require('playwright-core');
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const BIN = process.env.XZ_BIN ?? join(ROOT, 'build/xiezhi');
const CHROMIUM = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
const START_MS = 60_000;

function command(args) {
	const run = spawnSync(BIN, args, { encoding: 'utf8', cwd: ROOT, maxBuffer: 1 << 26 });
	if (run.status !== 0 && run.status !== 1) throw new Error(`xiezhi ${args.join(' ')} ended with ${run.status ?? run.error}: ${run.stderr}`);
	return run.stdout;
}

/** { url, dir, stop() } */
export async function startServer() {
	const dir = mkdtempSync(join(tmpdir(), 'xz-e2e-'));
	command(['demo', '--size', 'county', '--data', dir, '--today', TODAY]);
	command(['sweep', '--data', dir, '--today', TODAY]);
	const child = spawn(BIN, ['serve', '--data', dir, '--listen', '127.0.0.1:0', '--today', TODAY, '--public-check'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
	const exited = new Promise((resolve) => child.once('exit', resolve));
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
		dir,
		stop: async () => {
			child.kill('SIGTERM');
			await exited;
			rmSync(dir, { recursive: true, force: true });
		},
	};
}

export const startBrowser = () => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

/* What made specs fail now and then was not the page: beside a build or another suite Chromium takes 15 s and more for what it does in one
   second alone. Waiting costs nothing when the page is there. */
const PATIENCE_MS = 90_000;
export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
export const SHOTS = process.env.XZ_SHOTS ?? '/tmp/shots';
mkdirSync(SHOTS, { recursive: true });

/** A page of its own session; `said` collects what must not be said. `expects` lists refusals that a test provokes on purpose. */
export async function newPage(browser, server, { viewport = DESKTOP, locale = 'zh', expects = [] } = {}) {
	const context = await browser.newContext({ viewport, locale: locale === 'en' ? 'en-GB' : 'zh-CN', acceptDownloads: true, baseURL: server.url });
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE_MS);
	const said = [];
	const note = (text) => {
		if (!expects.some((e) => e.test(text))) said.push(text.slice(0, 400));
	};
	page.on('console', (m) => {
		if (m.type() === 'error') note(`${m.text()} ${m.location()?.url ?? ''}`);
	});
	page.on('pageerror', (e) => note(`exception: ${e.message}`));
	await page.addInitScript((name) => {
		localStorage.setItem('xz.locale', name);
		document.addEventListener('securitypolicyviolation', (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
	}, locale);
	return { page, said, context };
}

/** Signs in as a person does: by the demo account's button. */
export async function signIn(page, name) {
	await page.goto('/office/sign-in');
	await page.locator('.demo-accounts button', { hasText: `${name} / ${PASSWORD}` }).click();
	await page.waitForURL('**/office/desk');
	await settled(page);
}

/** Nothing is loading any more. */
export async function settled(page) {
	await page.waitForFunction(() => document.querySelector('main') && !document.querySelector('.loading, [aria-busy="true"], .el-icon.is-loading'), undefined, { timeout: PATIENCE_MS });
	await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** Serious and critical violations, one line each. */
export async function axe(page) {
	await page.evaluate(AXE);
	return page.evaluate(async () => {
		const result = await window.axe.run(document, { resultTypes: ['violations'] });
		return result.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`);
	});
}

/** The page's own session, asked past the pages: for looking up identifiers and for provoking refusals. */
export async function ask(page, method, path, body) {
	return page.evaluate(
		async ([m, p, b]) => {
			const session = await (await fetch('/api/session')).json();
			const r = await fetch(`/api${p}`, { method: m, headers: { 'X-CSRF': session.csrf, ...(b ? { 'Content-Type': 'application/json' } : {}) }, body: b ? JSON.stringify(b) : undefined });
			const text = await r.text();
			return { status: r.status, body: text ? JSON.parse(text) : null };
		},
		[method, path, body],
	);
}
