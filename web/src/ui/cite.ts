// An article as people write it: 《行政处罚法》第60条第2款; in English "行政处罚法 art. 60(2)" keeps the law's own name.
import type { Basis } from '@/api/types';

const PART = /^(\d+)(?:\((\d+)\))?(?:\((\d+)\))?$/; // 59(1)(6): article, paragraph, item

export function cite(b: Basis, locale = 'zh'): string {
	const law = b.law;
	const article = b.article ?? '';
	if (!article) return locale === 'en' ? law : `《${law}》`;
	if (locale === 'en') return `${law} art. ${article}`;
	const m = PART.exec(article);
	if (!m) return /[第条]/.test(article) ? `《${law}》${article}` : `《${law}》第${article}条`;
	return `《${law}》第${m[1]}条${m[2] ? `第${m[2]}款` : ''}${m[3] ? `第${m[3]}项` : ''}`;
}

export function citeAll(list: Basis[] | null | undefined, locale = 'zh'): string {
	return (list ?? []).map((b) => cite(b, locale)).join(locale === 'en' ? '; ' : '；');
}
