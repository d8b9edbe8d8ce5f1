// A rule's title in the language of the moment.
export function ruleTitle(rule: { id: string; title: string; title_en?: string | null }, locale: string): string {
	return (locale === 'en' && rule.title_en) || rule.title || rule.id;
}
