import { createApp } from 'vue';
import { createRouter, createWebHistory } from 'vue-router';
import './portal.css';
import { portalI18n, restore } from './text';
import App from './App.vue';
import Check from './Check.vue';
import Home from './Home.vue';
import Lost from './Lost.vue';

const router = createRouter({
	history: createWebHistory('/'),
	routes: [
		{ path: '/', component: Home },
		{ path: '/check', component: Check },
		{ path: '/:rest(.*)*', component: Lost },
	],
	scrollBehavior: () => ({ top: 0 }),
});
restore();
createApp(App).use(portalI18n).use(router).mount('#app');
