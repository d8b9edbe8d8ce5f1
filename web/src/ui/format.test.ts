import { describe, expect, it } from 'vitest';
import { change, fenOf, instant, yuan } from './format';

describe('money', () => {
	it('shows fen as yuan with two decimals and separators', () => {
		expect(yuan(123456789)).toBe('1,234,567.89');
		expect(yuan(5)).toBe('0.05');
		expect(yuan(-250000)).toBe('−2,500.00');
		expect(yuan(null)).toBe('');
	});
	it('does not lose cents of amounts beyond 2^53', () => {
		expect(yuan('900719925474099301')).toBe('9,007,199,254,740,993.01');
	});
	it('reads what people type', () => {
		expect(fenOf('12,345.6')).toBe(1234560);
		expect(fenOf('3万')).toBeNull();
	});
});

describe('instants', () => {
	it('are shown in the civil time of China', () => {
		expect(instant('2026-06-30T18:30:00Z')).toBe('2026-07-01 02:30');
		expect(instant(Date.UTC(2026, 0, 1, 0, 0))).toBe('2026-01-01 08:00');
		expect(instant('2026-06-30')).toBe('2026-06-30');
	});
});

describe('change against last year', () => {
	it('is signed, and absent without a base', () => {
		expect(change(110, 100)).toBe('+10.0%');
		expect(change(90, 100)).toBe('−10.0%');
		expect(change(5, 0)).toBeNull();
	});
});
