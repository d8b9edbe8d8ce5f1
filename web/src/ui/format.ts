// How values look: money in yuan, dates as 2026-11-23, labels in the language of the moment.
import type { CellValue, LabelLike, TypeColumn } from '@/api/types';

/** 1234567 fen → "12,345.67". Exact: money never passes through a float. */
export function yuan(fen: number | string | null | undefined): string {
	if (fen === null || fen === undefined || fen === '') return '';
	const text = String(fen);
	if (!/^-?\d+$/.test(text)) return text;
	const sign = text.startsWith('-') ? '−' : '';
	const digits = text.replace('-', '').padStart(3, '0');
	const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
	return `${sign}${whole}.${digits.slice(-2)}`;
}

/** "12,345.6" → 1234560; null when it is not an amount. */
export function fenOf(text: string): number | null {
	const m = /^\s*(\d{1,3}(?:[,，]?\d{3})*|\d+)(?:\.(\d{1,2}))?\s*$/.exec(text);
	if (!m) return null;
	return Number(`${(m[1] ?? '').replace(/[,，]/g, '')}${(m[2] ?? '').padEnd(2, '0')}`);
}

export function count(n: number | null | undefined): string {
	return n === null || n === undefined ? '' : String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function labelOf(label: LabelLike, locale: string): string {
	if (!label) return '';
	if (typeof label === 'string') return label;
	return locale === 'en' ? (label.en ?? label.zh) : label.zh;
}

export function codesOf(column: Pick<TypeColumn, 'codes'>, locale: string): { value: string; label: string }[] {
	const codes = column.codes;
	if (!codes) return [];
	const name = (code: string, label: LabelLike) => (locale === 'en' && (typeof label === 'string' || !label?.en) ? code.replaceAll('_', ' ') : labelOf(label, locale) || code);
	if (Array.isArray(codes)) return codes.map((c) => ({ value: c.code, label: name(c.code, c.label) }));
	return Object.entries(codes).map(([value, label]) => ({ value, label: name(value, label) }));
}

/** An instant as the wall clock of China, whatever zone the browser thinks it is in. */
export function instant(at: string | number | null | undefined): string {
	if (at === null || at === undefined || at === '') return '';
	if (typeof at === 'string' && /^\d{4}-\d\d-\d\d$/.test(at)) return at;
	const zoned = typeof at === 'string' && /(?:Z|[+-]\d\d:?\d\d)$/.test(at);
	if (typeof at === 'string' && !zoned) return at.replace('T', ' ').slice(0, 16);
	const ms = typeof at === 'number' ? at : Date.parse(at);
	if (Number.isNaN(ms)) return String(at);
	return new Date(ms + 8 * 3600_000).toISOString().replace('T', ' ').slice(0, 16);
}

export function bytes(n: number | null | undefined): string {
	if (n === null || n === undefined) return '';
	if (n < 1024) return `${n} B`;
	if (n < 1024 * 1024) return `${(n / 1024).toFixed(0)} KB`;
	return `${(n / 1024 / 1024).toFixed(1)} MB`;
}

/** A dictionary value as text. */
export function cell(column: TypeColumn, value: CellValue | undefined, locale: string): string {
	if (value === null || value === undefined || value === '') return '';
	switch (column.type) {
		case 'money':
			return yuan(value as number);
		case 'bool':
			return value === true || value === 1 || value === 'true' ? (locale === 'en' ? 'Yes' : '是') : locale === 'en' ? 'No' : '否';
		case 'code':
			return codesOf(column, locale).find((c) => c.value === value)?.label ?? String(value);
		case 'datetime':
			return instant(value as string | number);
		default:
			return String(value);
	}
}

/** Change against last year, e.g. "+12.5%"; null when there is nothing to compare with. */
export function change(now: number, before: number | null | undefined): string | null {
	if (!before) return null;
	const share = ((now - before) / before) * 100;
	return `${share > 0 ? '+' : share < 0 ? '−' : ''}${Math.abs(share).toFixed(1)}%`;
}

export function addDays(day: string, n: number): string {
	return new Date(Date.parse(`${day}T00:00:00Z`) + n * 86400_000).toISOString().slice(0, 10);
}
