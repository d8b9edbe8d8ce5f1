declare module '*.vue' {
	import type { DefineComponent } from 'vue';
	const component: DefineComponent<object, object, unknown>;
	export default component;
}
declare module '*.css';
declare module '*.svg' {
	const url: string;
	export default url;
}
declare module '*?url' {
	const url: string;
	export default url;
}
