import { describe, expect, it } from 'vitest';
import { cite } from './cite';

describe('a citation', () => {
	it('reads as a Chinese lawyer writes it', () => {
		expect(cite({ law: '行政处罚法', article: '60' })).toBe('《行政处罚法》第60条');
		expect(cite({ law: '行政执法监督条例', article: '33(3)' })).toBe('《行政执法监督条例》第33条第3款');
		expect(cite({ law: '行政处罚法', article: '59(1)(6)' })).toBe('《行政处罚法》第59条第1款第6项');
		expect(cite({ law: '行政处罚法', article: '第六十条' })).toBe('《行政处罚法》第六十条');
		expect(cite({ law: '行政处罚法', article: '' })).toBe('《行政处罚法》');
	});
});
