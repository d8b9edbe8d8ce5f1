/* Which kernels this machine can run, asked of the CPU itself: target_clones would do it through a resolver that crashes under TSan. */
#include "rule/kernel.h"

#include <string.h>

extern const struct kernels kernels_base;
#if defined(__x86_64__)
extern const struct kernels kernels_v2, kernels_v3, kernels_v4;

static bool has_v2(void)
{
	return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
}

static bool has_v3(void)
{
	return has_v2() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
	       __builtin_cpu_supports("fma");
}

static bool has_v4(void)
{
	return has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
	       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
#endif

static bool has_any(void)
{
	return true;
}

static const struct level {
	const struct kernels *kernels;
	bool (*runs)(void);
} levels[] = {
#if defined(__x86_64__)
	{ &kernels_v4, has_v4 },
	{ &kernels_v3, has_v3 },
	{ &kernels_v2, has_v2 },
#endif
	{ &kernels_base, has_any },
};

const struct kernels *kernels_named(const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].kernels->name, name) == 0)
			return levels[i].runs() ? levels[i].kernels : NULL;
	return NULL;
}

const struct kernels *kernels_best(void)
{
	size_t i = 0;

	while (!levels[i].runs())
		i++;
	return levels[i].kernels;
}
