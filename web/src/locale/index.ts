// Chinese is built in; English arrives when somebody asks for it. Both halves have the same keys (src/locale/locale.test.ts).
import { createI18n } from 'vue-i18n';
import zh from './zh';

export type LocaleName = 'zh' | 'en';
export type Messages = typeof zh;

const STORAGE = 'xz.locale';

export const i18n = createI18n({
	legacy: false,
	locale: 'zh' as string,
	fallbackLocale: 'zh',
	messages: { zh } as Record<string, Messages>,
	missingWarn: false,
	fallbackWarn: false,
});

export function savedLocale(): LocaleName {
	try {
		return localStorage.getItem(STORAGE) === 'en' ? 'en' : 'zh';
	} catch {
		return 'zh';
	}
}

export async function setLocale(name: LocaleName): Promise<void> {
	if (name === 'en' && !i18n.global.availableLocales.includes('en')) {
		const en = await import('./en');
		i18n.global.setLocaleMessage('en', en.default as unknown as Messages);
	}
	i18n.global.locale.value = name;
	document.documentElement.lang = name === 'en' ? 'en' : 'zh-CN';
	try {
		localStorage.setItem(STORAGE, name);
	} catch {
		// a browser that refuses storage still switches for this visit
	}
}
