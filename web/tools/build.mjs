// Builds both applications into dist/ and writes the compressed forms that the program embeds beside each file.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const done = join(root, 'dist');
const dist = join(root, `dist.${process.pid}`); // swapped in whole: a second build at the same time does no harm
const COMPRESSED = /\.(html|js|css|svg|json|mjs)$/;

process.chdir(root);
process.on('exit', () => rmSync(dist, { recursive: true, force: true }));
for (const mode of ['portal', 'office']) await build({ root, mode, logLevel: 'warn', configFile: join(root, 'vite.config.ts'), build: { outDir: dist } });

const sizes = {};
for (const entry of readdirSync(dist, { recursive: true })) {
	const path = join(dist, entry);
	if (!statSync(path).isFile() || !COMPRESSED.test(path)) continue;
	const plain = readFileSync(path);
	if (plain.length < 256) continue;
	const gz = gzipSync(plain, { level: 9 });
	writeFileSync(`${path}.gz`, gz);
	writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }));
	sizes[entry] = gz.length;
}

// What the first page of each application loads: its entry and everything the HTML names.
const LIMIT_KB = { portal: 80, office: 240 };
let failed = false;
for (const app of ['portal', 'office']) {
	const html = readFileSync(join(dist, app, 'index.html'), 'utf8');
	const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1]);
	const kb = named.reduce((sum, name) => sum + (sizes[name] ?? 0), 0) / 1024;
	console.log(`${app}: first load ${kb.toFixed(1)} KB gzip in ${named.length} files (limit ${LIMIT_KB[app]})`);
	if (kb > LIMIT_KB[app]) failed = true;
}
if (process.argv.includes('--sizes')) {
	for (const [name, size] of Object.entries(sizes).sort((a, b) => b[1] - a[1]).slice(0, 40)) console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${name}`);
}
if (!failed) {
	const old = join(root, `dist.old.${process.pid}`);
	if (existsSync(done)) renameSync(done, old);
	renameSync(dist, done);
	rmSync(old, { recursive: true, force: true });
}
if (failed) {
	console.error('the first load is over its limit');
	process.exit(1);
}
