import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import Components from 'unplugin-vue-components/vite';
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers';
import { defineConfig } from 'vitest/config';

// Two builds share one folder: `--mode office` and `--mode portal` (tools/build.mjs runs both). The content security policy admits
// nothing inline, hence no inlined assets and no preload polyfill.
export default defineConfig(({ mode }) => {
	const app = mode === 'portal' ? 'portal' : 'office';
	return {
		base: '/',
		publicDir: false,
		plugins: [
			vue(),
			app === 'office' && Components({ dts: false, dirs: [], resolvers: [ElementPlusResolver({ importStyle: 'css', directives: false })] }),
		],
		resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
		define: { __VUE_OPTIONS_API__: app === 'office', __VUE_PROD_DEVTOOLS__: false, __INTLIFY_PROD_DEVTOOLS__: false, __VUE_I18N_LEGACY_API__: false },
		build: {
			outDir: 'dist',
			emptyOutDir: false,
			target: 'es2022',
			assetsInlineLimit: 0,
			modulePreload: { polyfill: false },
			reportCompressedSize: false,
			chunkSizeWarningLimit: 2000,
			rollupOptions: {
				input: `${app}/index.html`,
				output: {
					entryFileNames: `assets/${app}-[hash].js`,
					chunkFileNames: `assets/${app}-[name]-[hash].js`,
					// the worker of pdf.js keeps a type that every server knows
					assetFileNames: (info) => `assets/${app}-[name]-[hash]${info.names[0]?.endsWith('.mjs') ? '.js' : '[extname]'}`,
				},
			},
		},
		server: { proxy: { '/api': process.env.XZ_SERVER ?? 'http://127.0.0.1:8080' } },
		test: { environment: 'happy-dom', include: ['src/**/*.test.ts'] },
	};
});
