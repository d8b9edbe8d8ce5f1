import { createApp } from 'vue';
import '@/ui/base.css';
import { setOnUnauthenticated } from '@/api/client';
import { i18n, savedLocale, setLocale } from '@/locale';
import { vLang } from '@/ui/lang';
import App from './App.vue';
import { router } from './router';
import { forget, loadSession } from './session';

setOnUnauthenticated(() => {
	forget();
	const here = router.currentRoute.value;
	if (here.name !== 'signIn') void router.push({ name: 'signIn', query: { to: here.fullPath } });
});

async function start(): Promise<void> {
	await Promise.all([setLocale(savedLocale()), loadSession()]);
	createApp(App).directive('lang', vLang).use(i18n).use(router).mount('#app');
}
void start();
