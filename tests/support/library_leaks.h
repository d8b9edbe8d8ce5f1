/* Memory that fontconfig, cairo and pango keep for the life of the process (and the few hundred bytes a page that cairo 1.16 forgets) is
 * not ours to free. Include in the test of whatever renders documents, so that LeakSanitizer reports our own leaks only. */
#ifndef XZ_TESTS_SUPPORT_LIBRARY_LEAKS_H
#define XZ_TESTS_SUPPORT_LIBRARY_LEAKS_H

const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libcairo.so\nleak:libfontconfig.so\nleak:libpango\nleak:libharfbuzz.so\nleak:libglib-2.0.so\n";
}

#endif
