import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en';
import zh from './zh';

function flat(o: object, prefix = ''): Record<string, string> {
	return Object.fromEntries(Object.entries(o).flatMap(([k, v]) => (typeof v === 'string' ? [[prefix + k, v]] : Object.entries(flat(v as object, `${prefix}${k}.`)))));
}
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe('the two languages', () => {
	const a = flat(zh);
	const b = flat(en);
	it('have the same keys', () => {
		expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort());
	});
	it('fill the same places', () => {
		expect(Object.keys(a).filter((k) => holes(a[k]!).join() !== holes(b[k]!).join())).toEqual([]);
	});
	it('leave no text empty', () => {
		expect([...Object.entries(a), ...Object.entries(b)].filter(([, v]) => !v.trim()).map(([k]) => k)).toEqual([]);
	});
	it('hold every key that a page names', () => {
		const root = join(import.meta.dirname, '..');
		const used = new Set<string>();
		for (const file of readdirSync(root, { recursive: true }) as string[]) {
			if (!/\.(vue|ts)$/.test(file) || /portal|locale|\.test\./.test(file)) continue;
			for (const m of readFileSync(join(root, file), 'utf8').matchAll(/\bt\('([a-zA-Z_.]+)'/g)) used.add(m[1]!);
		}
		expect(used.size).toBeGreaterThan(200);
		expect([...used].filter((k) => !(k in a)).sort()).toEqual([]);
	});
});
