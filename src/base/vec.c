/* Growth of arrays by doubling. */
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

bool vec_grow(void *v_address, size_t len, size_t *cap, size_t size)
{
	void *old, *grown;
	size_t want = *cap ? *cap * 2 : 8;

	if (len < *cap)
		return true;
	memcpy(&old, v_address, sizeof(old));
	grown = mem_resize(old, want, size);
	if (!grown)
		return false;
	memcpy(v_address, &grown, sizeof(grown));
	*cap = want;
	return true;
}
