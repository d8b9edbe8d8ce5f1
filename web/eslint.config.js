import js from '@eslint/js';
import vue from 'eslint-plugin-vue';
import globals from 'globals';
import ts from 'typescript-eslint';

export default ts.config(
	{ ignores: ['dist*/**', 'node_modules/**'] },
	js.configs.recommended,
	...ts.configs.recommended,
	...vue.configs['flat/essential'],
	{
		files: ['**/*.vue'],
		languageOptions: { parserOptions: { parser: ts.parser } },
	},
	{
		languageOptions: { globals: { ...globals.browser } },
		rules: {
			'vue/multi-word-component-names': 'off',
			'vue/no-v-html': 'error', // the policy forbids inline markup, and records hold hostile text
			'no-undef': 'off', // the type checker knows better
			'vue/no-static-inline-styles': 'error', // a style attribute breaks the content security policy
			'@typescript-eslint/no-explicit-any': 'error',
			'no-console': 'error',
		},
	},
	{ files: ['tools/**', '*.config.*'], rules: { 'no-console': 'off' } },
);
